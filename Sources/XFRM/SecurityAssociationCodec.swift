import Addressing
import CMnl
import Netlink

extension SecurityAssociation.Options {
    /// Congestion marks are not copied to the inner packet.
    public static let noECN = Self(rawValue: UInt8(XFRM_STATE_NOECN))
    /// The outer packet's DSCP is copied to the inner one.
    public static let copiesDSCPInwards = Self(rawValue: UInt8(XFRM_STATE_DECAP_DSCP))
    /// The outer packet may be fragmented.
    public static let noPathMTUDiscovery = Self(rawValue: UInt8(XFRM_STATE_NOPMTUDISC))

    static let known: Self = [.noECN, .copiesDSCPInwards, .noPathMTUDiscovery]
}

extension SecurityAssociation.Mode {
    var number: UInt8 { UInt8(self == .tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT) }

    /// - Throws: `malformed` for a mode that this layer does not make.
    init(number: UInt8) throws(NetlinkError) {
        switch Int32(number) {
        case XFRM_MODE_TUNNEL: self = .tunnel
        case XFRM_MODE_TRANSPORT: self = .transport
        default: throw NetlinkError(.malformed("XFRM mode \(number)"))
        }
    }
}

extension SecurityAssociation {
    /// Appends `xfrm_usersa_info`, then the algorithms and, where it takes one, the attribute for a large replay window.
    func encode(into encoder: inout MessageEncoder) throws(NetlinkError) {
        var info = xfrm_usersa_info()
        info.id.daddr = xfrm_address_t(destination)
        info.id.spi = spi.rawValue.bigEndian
        info.id.proto = UInt8(IPPROTO_ESP)
        info.saddr = xfrm_address_t(source)
        info.lft = xfrm_lifetime_cfg(lifetime)
        info.reqid = requestID
        info.family = destination.family.number
        info.mode = mode.number
        info.flags = options.rawValue
        // Without this the kernel takes the outer family for the inner one, and a tunnel carries its own family only (`copy_from_user_state`).
        if mode == .tunnel { info.flags |= UInt8(XFRM_STATE_AF_UNSPEC) }
        if usesExtendedSequenceNumbers { info.flags |= UInt8(XFRM_STATE_ESN) }
        if !needsLargeWindow { info.replay_window = UInt8(replayWindow) }
        encoder.append(header: info)
        try transform.encode(into: &encoder)
        if needsLargeWindow {
            var replay = xfrm_replay_state_esn()
            replay.bmp_len = replayWindow / 32 + (replayWindow % 32 == 0 ? 0 : 1)
            replay.replay_window = replayWindow
            // The struct alone is enough: the kernel makes the bitmap itself (`xfrm_alloc_replay_state_esn`).
            try encoder.put(AttributeType(XFRMA_REPLAY_ESN_VAL), structure: replay)
        }
    }

    /// The old form of the replay state holds 32 bits (`xfrm_replay_state`).
    private var needsLargeWindow: Bool { replayWindow > 32 || usesExtendedSequenceNumbers }
}

extension InstalledAssociation {
    /// - Returns: nil for an SA that is only reserved yet.
    init?(_ info: xfrm_usersa_info, _ attributes: NetlinkAttributes) throws(NetlinkError) {
        guard let transform = try ESPTransform(in: attributes) else { return nil }
        let family = try IPAddress.Family(number: info.family)
        let replayState = try ReplayState(in: attributes)
        var window = UInt32(info.replay_window)
        if case .large(let packets, _)? = replayState?.window { window = packets }
        association = SecurityAssociation(
            source: info.saddr.address(family), destination: info.id.daddr.address(family),
            spi: SPI(rawValue: UInt32(bigEndian: info.id.spi)),
            requestID: info.reqid, mode: try SecurityAssociation.Mode(number: info.mode), transform: transform, replayWindow: window,
            usesExtendedSequenceNumbers: info.flags & UInt8(XFRM_STATE_ESN) != 0, lifetime: Lifetime(info.lft),
            options: SecurityAssociation.Options(rawValue: info.flags).intersection(.known))
        bytes = info.curlft.bytes
        packets = info.curlft.packets
        added = info.curlft.add_time
        firstUsed = info.curlft.use_time == 0 ? nil : info.curlft.use_time
        tooOld = info.stats.replay_window
        replayed = info.stats.replay
        forged = info.stats.integrity_failed
        self.replayState = replayState
    }
}

extension IncomingMessage {
    /// - Returns: nil for an SA that is only reserved yet.
    func decodeInstalledAssociation() throws(NetlinkError) -> InstalledAssociation? {
        try InstalledAssociation(header(as: xfrm_usersa_info.self), attributes(after: xfrm_usersa_info.self))
    }
}
