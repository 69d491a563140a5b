/// A kernel counter: of a node, or of one of its interfaces.
public struct CounterKey: Codable, Sendable, Hashable {
    /// The node's index in the plan.
    public var node: Int
    /// nil for a counter of the whole node.
    public var interface: String?
    /// The kernel's own name for it, with its table's name in front where the kernel prints one (`XfrmInNoStates`, `IpExtInNoRoutes`,
    /// `rx_otherhost_dropped`); `CounterMeaning` knows those that matter.
    public var name: String

    public init(node: Int, interface: String? = nil, name: String) {
        self.node = node
        self.interface = interface
        self.name = name
    }
}

extension CounterKey: Comparable {
    /// By node, then the node's own counters before its interfaces', then by name.
    public static func < (lhs: CounterKey, rhs: CounterKey) -> Bool {
        (lhs.node, lhs.interface ?? "", lhs.name) < (rhs.node, rhs.interface ?? "", rhs.name)
    }
}
