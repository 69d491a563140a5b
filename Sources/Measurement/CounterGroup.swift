/// Which of a packet's steps through a node a counter belongs to. A packet takes only some of them: at the gateway a packet to the site is
/// sealed, one from the site is opened.
public struct CounterGroup: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Leaving through a security association: `XfrmOut…`.
    public static let sealing = CounterGroup(rawValue: 1)
    /// Coming in through a security association, or past a policy that demands one: `XfrmIn…`.
    public static let opening = CounterGroup(rawValue: 2)
    /// Finding the next hop and its link-layer address, and what ICMP tells of it.
    public static let routing = CounterGroup(rawValue: 4)
    /// An interface's transmit side and its qdisc.
    public static let sending = CounterGroup(rawValue: 8)
    /// An interface's receive side.
    public static let receiving = CounterGroup(rawValue: 16)
    /// Handing the packet to the socket.
    public static let delivery = CounterGroup(rawValue: 32)
}
