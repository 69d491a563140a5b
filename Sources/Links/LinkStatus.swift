import Addressing
import CMnl
import CNlRoute
import Glibc
import Netlink

/// An interface as the kernel describes it.
public struct LinkStatus: Hashable, Sendable {
    /// RFC 2863 §3.1.14.
    public enum OperationalState: UInt8, Hashable, Sendable {
        case unknown, notPresent, down, lowerLayerDown, testing, dormant, up
    }

    /// Since the interface was made. Packets and bytes are counted with the Ethernet header.
    public struct Counters: Hashable, Sendable {
        public var receivedPackets: UInt64 = 0
        public var receivedBytes: UInt64 = 0
        public var receiveErrors: UInt64 = 0
        /// `rx_dropped`
        public var receiveDrops: UInt64 = 0
        /// Dropped because they were for another host's Ethernet address (`rx_otherhost_dropped`, Linux 5.19).
        public var otherHostDrops: UInt64 = 0
        /// Dropped because nothing here handles their protocol, or the interface is inactive (`rx_nohandler`).
        public var unhandled: UInt64 = 0
        public var sentPackets: UInt64 = 0
        public var sentBytes: UInt64 = 0
        public var sendErrors: UInt64 = 0
        /// `tx_dropped`
        public var sendDrops: UInt64 = 0
    }

    public var index: Int32
    public var name: String
    /// `veth`, `bridge`, `dummy`; nil for loopback and hardware.
    public var kind: String?
    public var mac: MACAddress?
    public var alias: String?
    /// In bytes.
    public var mtu: UInt32
    /// In packets.
    public var transmitQueueLength: UInt32
    /// Administratively up.
    public var isUp: Bool
    public var operationalState: OperationalState
    /// The index of the bridge whose port it is.
    public var bridgeIndex: Int32?
    public var counters: Counters
}

extension LinkStatus {
    init(_ message: IncomingMessage) throws(NetlinkError) {
        let header = try message.header(as: ifinfomsg.self)
        let attributes = try message.attributes(after: ifinfomsg.self)
        index = header.ifi_index
        name = attributes[AttributeType(IFLA_IFNAME)]?.string ?? ""
        kind = try attributes[AttributeType(IFLA_LINKINFO)]?.nested()[AttributeType(IFLA_INFO_KIND)]?.string
        mac = attributes[AttributeType(IFLA_ADDRESS)].flatMap { MACAddress(bytes: $0.payload) }
        alias = attributes[AttributeType(IFLA_IFALIAS)]?.string
        mtu = try attributes.load(AttributeType(IFLA_MTU), as: UInt32.self) ?? 0
        transmitQueueLength = try attributes.load(AttributeType(IFLA_TXQLEN), as: UInt32.self) ?? 0
        isUp = header.ifi_flags & UInt32(IFF_UP) != 0
        operationalState = try attributes.load(AttributeType(IFLA_OPERSTATE), as: UInt8.self).flatMap(OperationalState.init) ?? .unknown
        bridgeIndex = try attributes.load(AttributeType(IFLA_MASTER), as: Int32.self)
        counters = Counters(try attributes.prefix(AttributeType(IFLA_STATS64), of: rtnl_link_stats64()) ?? rtnl_link_stats64())
    }
}

extension LinkStatus.Counters {
    fileprivate init(_ statistics: rtnl_link_stats64) {
        receivedPackets = statistics.rx_packets
        receivedBytes = statistics.rx_bytes
        receiveErrors = statistics.rx_errors
        receiveDrops = statistics.rx_dropped
        otherHostDrops = statistics.rx_otherhost_dropped
        unhandled = statistics.rx_nohandler
        sentPackets = statistics.tx_packets
        sentBytes = statistics.tx_bytes
        sendErrors = statistics.tx_errors
        sendDrops = statistics.tx_dropped
    }
}

extension NetlinkAttributes {
    /// A struct that the kernel may know in a shorter, older form, or whose padding it leaves out: what is missing stays as in `empty`.
    func prefix<Value: BitwiseCopyable>(_ attribute: AttributeType, of empty: Value) throws(NetlinkError) -> Value? {
        guard let payload = self[attribute]?.payload else { return nil }
        var value = empty
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: payload.prefix(MemoryLayout<Value>.size)) }
        return value
    }
}
