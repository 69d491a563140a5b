import CMnl
import Netlink

/// A packet that the kernel freed without delivering it, and its reason (`kfree_skb`, `enum skb_drop_reason`).
public struct PacketDrop: Hashable, Sendable {
    /// The kernel's name without its prefix: `OTHERHOST`, `XFRM_POLICY`, `NEIGH_FAILED`. Nil of kernels before 6.0, which tell none.
    public var reason: String?
    /// The kernel function that freed it, nil where the kernel hides its symbols.
    public var function: String?
    /// The number of the interface that it came in by, in the namespace where it died; nil for a packet from there.
    public var interface: UInt32?
    /// nil when it was nothing that `DroppedPacket` knows.
    public var packet: DroppedPacket?

    public init(reason: String?, function: String?, interface: UInt32?, packet: DroppedPacket?) {
        self.reason = reason
        self.function = function
        self.interface = interface
        self.packet = packet
    }

    /// - Returns: nil for messages that are no packet's.
    /// - Throws: `malformed`.
    init?(_ message: IncomingMessage) throws(NetlinkError) {
        guard try message.header(as: genlmsghdr.self).cmd == NET_DM_CMD_PACKET_ALERT else { return nil }
        let attributes = try message.attributes(after: genlmsghdr.self)
        reason = attributes[AttributeType(NET_DM_ATTR_REASON)]?.string
        function = attributes[AttributeType(NET_DM_ATTR_SYMBOL)].flatMap { Self.function(ofSymbol: $0.string) }
        interface = try attributes[AttributeType(NET_DM_ATTR_IN_PORT)]?.nested()
            .load(AttributeType(NET_DM_ATTR_PORT_NETDEV_IFINDEX), as: UInt32.self).flatMap { $0 == 0 ? nil : $0 }
        packet = attributes[AttributeType(NET_DM_ATTR_PAYLOAD)].flatMap { DroppedPacket($0.payload) }
    }

    /// `ip_rcv_core+0x1a5/0x3b0 [module]` names `ip_rcv_core`; an address in place of a name is none.
    static func function(ofSymbol symbol: String) -> String? {
        let name = symbol.prefix { $0 != "+" && $0 != " " }
        return name.isEmpty || name.hasPrefix("0x") || name.allSatisfy(\.isHexDigit) ? nil : String(name)
    }
}
