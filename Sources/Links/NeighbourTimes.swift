import Addressing
import CMnl
import Netlink

/// How long neighbours on one interface are taken as known (`ip ntable change`), by family: `neigh/…` of the kernel's settings.
public struct NeighbourTimes: Hashable, Sendable {
    public var family: IPAddress.Family
    /// Of an answer: the kernel takes between half and one and a half times as long (RFC 4861 §6.3.2), `base_reachable_time_ms`.
    public var reachable: Duration
    /// Of an entry that is used after its time, until the neighbour is asked again, `delay_first_probe_time`.
    public var firstProbeDelay: Duration

    public init(_ family: IPAddress.Family, reachable: Duration, firstProbeDelay: Duration) {
        (self.family, self.reachable, self.firstProbeDelay) = (family, reachable, firstProbeDelay)
    }

    /// `RTM_SETNEIGHTBL` (`neightbl_set`), by libmnl: libnl changes neighbour tables only in their cache.
    func message(_ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_SETNEIGHTBL)) { message throws(NetlinkError) in
            var header = ndtmsg()
            header.ndtm_family = UInt8(family.number)
            message.append(header: header)
            // The kernel looks a table up by its name.
            try message.put(AttributeType(NDTA_NAME), string: family == .v4 ? "arp_cache" : "ndisc_cache")
            try message.nest(AttributeType(NDTA_PARMS)) { parameters throws(NetlinkError) in
                try parameters.put(AttributeType(NDTPA_IFINDEX), UInt32(bitPattern: interface))
                try parameters.put(AttributeType(NDTPA_BASE_REACHABLE_TIME), UInt64(clamping: reachable.wholeMilliseconds))
                try parameters.put(AttributeType(NDTPA_DELAY_PROBE_TIME), UInt64(clamping: firstProbeDelay.wholeMilliseconds))
            }
        }
    }
}

extension Duration {
    public var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
