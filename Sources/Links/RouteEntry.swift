import Addressing

/// A unicast route of the main table.
public struct RouteEntry: Hashable, Sendable {
    /// A network; host bits are refused by the kernel.
    public var destination: IPPrefix
    /// Taken to be on the interface's link, whether an address of the interface says so or not (`onlink`). nil when the destination itself is
    /// on the link.
    public var nextHop: IPAddress?
    public var interface: String
    /// The source address of packets that have none yet.
    public var preferredSource: IPAddress?

    public init(to destination: IPPrefix, via nextHop: IPAddress? = nil, on interface: String, preferredSource: IPAddress? = nil) {
        self.destination = destination
        self.nextHop = nextHop
        self.interface = interface
        self.preferredSource = preferredSource
    }
}

extension RouteEntry: CustomStringConvertible {
    public var description: String { "\(destination)\(nextHop.map { " via \($0)" } ?? "") on \(interface)" }
}
