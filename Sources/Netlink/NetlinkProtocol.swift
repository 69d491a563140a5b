import CMnl

/// A family of netlink: which part of the kernel a socket talks to.
public struct NetlinkProtocol: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Links, addresses, routes, neighbours, queueing disciplines (rtnetlink(7)).
    public static let route = NetlinkProtocol(rawValue: NETLINK_ROUTE)
    /// IPsec states and policies.
    public static let xfrm = NetlinkProtocol(rawValue: NETLINK_XFRM)
    /// The kernel's algorithms and their priorities.
    public static let crypto = NetlinkProtocol(rawValue: NETLINK_CRYPTO)
    /// Families that are found by their names (`GenericFamily`).
    public static let generic = NetlinkProtocol(rawValue: NETLINK_GENERIC)
}
