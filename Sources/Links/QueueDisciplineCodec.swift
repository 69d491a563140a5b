import CMnl
import CNlRoute
import Netlink

/// Requests about queueing disciplines: `RTM_NEWQDISC`, `RTM_DELQDISC`, `RTM_GETQDISC`. By libmnl: libnl's netem has neither 64-bit delays nor
/// a seed.
enum QueueDisciplineCodec {
    /// `1:`, the handle of every root discipline made here, so that setting one again changes it in place.
    private static let handle: UInt32 = 1 << 16
    /// `TCA_NETEM_PRNG_SEED`, of Linux 6.7: many installed headers are older.
    private static let seedAttribute = AttributeType(rawValue: 14)

    static func replace(_ emulation: NetworkEmulation, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_NEWQDISC), flags: [.create, .replace]) { message throws(NetlinkError) in
            message.append(header: header(interface, handle: handle))
            try message.put(AttributeType(TCA_KIND), string: "netem")
            // A struct, then attributes, all in one attribute.
            try message.nest(AttributeType(TCA_OPTIONS)) { options throws(NetlinkError) in
                var fixed = tc_netem_qopt()
                fixed.limit = emulation.queueLimit
                fixed.loss = lossThreshold(emulation.loss)
                options.append(header: fixed)
                if emulation.delay > .zero { try options.put(AttributeType(TCA_NETEM_LATENCY64), emulation.delay.wholeNanoseconds) }
                if emulation.jitter > .zero { try options.put(AttributeType(TCA_NETEM_JITTER64), emulation.jitter.wholeNanoseconds) }
                if let rate = emulation.rate {
                    let bytesPerSecond = max(rate / 8, 1)
                    var field = tc_netem_rate()
                    field.rate = UInt32(clamping: bytesPerSecond)
                    try options.put(AttributeType(TCA_NETEM_RATE), structure: field)
                    // The kernel takes the larger of both.
                    if bytesPerSecond > UInt64(UInt32.max) { try options.put(AttributeType(TCA_NETEM_RATE64), bytesPerSecond) }
                }
                if let seed = emulation.seed { try options.put(seedAttribute, seed) }
            }
        }
    }

    static func remove(_ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_DELQDISC)) { message throws(NetlinkError) in message.append(header: header(interface, handle: 0))
        }
    }

    private static func header(_ interface: Int32, handle: UInt32) -> tcmsg {
        var header = tcmsg()
        header.tcm_ifindex = interface
        header.tcm_handle = handle
        header.tcm_parent = UInt32.max  // TC_H_ROOT
        return header
    }

    /// Netem drops a packet when this number is not below a random one of 32 bits.
    static func lossThreshold(_ probability: Double) -> UInt32 {
        UInt32((min(max(probability, 0), 1) * Double(UInt32.max)).rounded())
    }

    static func dump() throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_GETQDISC)) { message throws(NetlinkError) in message.append(header: tcmsg()) }
    }

    /// - Returns: nil for a discipline of an interface that is gone.
    static func decode(_ message: IncomingMessage, _ names: [Int32: String]) throws(NetlinkError) -> QueueDiscipline? {
        let header = try message.header(as: tcmsg.self)
        let attributes = try message.attributes(after: tcmsg.self)
        guard let interface = names[header.tcm_ifindex] else { return nil }
        let statistics = try attributes[AttributeType(TCA_STATS2)]?.nested()
        let basic = try statistics?.prefix(AttributeType(TCA_STATS_BASIC), of: gnet_stats_basic()) ?? gnet_stats_basic()
        let queue = try statistics?.load(AttributeType(TCA_STATS_QUEUE), as: gnet_stats_queue.self) ?? gnet_stats_queue()
        return QueueDiscipline(
            interface: interface, kind: attributes[AttributeType(TCA_KIND)]?.string ?? "", isRoot: header.tcm_parent == .max,
            sentBytes: basic.bytes, sentPackets: basic.packets, drops: queue.drops, waitingPackets: queue.qlen, waitingBytes: queue.backlog,
            overLimits: queue.overlimits)
    }
}

extension Duration {
    /// Rounded down; 0 for less than nothing.
    fileprivate var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0)) / 1_000_000_000
    }
}
