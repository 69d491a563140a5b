import LabPlan

/// Numbers for the lab's interfaces that no two of them share, whatever their namespaces: what the kernel tells of an interface without its
/// namespace (a dropped packet's way in) tells the node too. Links come last: a lab that gets more of them keeps its numbers.
struct InterfaceNumbers {
    /// Above the numbers that the kernel gives out itself, which begin anew in each namespace.
    private static let first: UInt32 = 1_000

    private static let firstOwn = 100

    private let plan: LabPlan

    init(plan: LabPlan) { self.plan = plan }

    /// - Parameter end: 0 for the link's `a`, 1 for its `b`.
    func number(ofLink link: Int, end: Int) -> UInt32 { Self.first + UInt32(2 * (plan.bridges.count + link) + end) }

    /// - Parameter end: 0 for the spare port, 1 for what it leads to.
    func number(ofSpareOf bridge: Int, end: Int) -> UInt32 { Self.first + UInt32(2 * bridge + end) }

    /// By node: the numbers of all its interfaces, loopback among them. Bridges and dummies, which no packet comes in by, have theirs by their place in
    /// their node.
    var byNode: [[String: Int32]] {
        var numbers = [[String: Int32]](repeating: ["lo": 1], count: plan.nodes.count)
        for (index, bridge) in plan.bridges.enumerated() {
            numbers[bridge.node][bridge.interface] = Int32(Self.firstOwn + numbers[bridge.node].count)
            numbers[bridge.node][bridge.sparePort] = Int32(number(ofSpareOf: index, end: 0))
            numbers[bridge.node][bridge.spareEnd] = Int32(number(ofSpareOf: index, end: 1))
        }
        for dummy in plan.dummies { numbers[dummy.node][dummy.interface] = Int32(Self.firstOwn + numbers[dummy.node].count) }
        for (index, link) in plan.links.enumerated() {
            for (end, side) in link.ends.enumerated() { numbers[side.node][side.interface] = Int32(number(ofLink: index, end: end)) }
        }
        return numbers
    }

    /// Every number's node and interface.
    var places: [UInt32: (node: Int, interface: String)] {
        var places: [UInt32: (node: Int, interface: String)] = [:]
        for (index, link) in plan.links.enumerated() {
            for (end, side) in link.ends.enumerated() { places[number(ofLink: index, end: end)] = (side.node, side.interface) }
        }
        for (index, bridge) in plan.bridges.enumerated() {
            for (end, interface) in [bridge.sparePort, bridge.spareEnd].enumerated() {
                places[number(ofSpareOf: index, end: end)] = (bridge.node, interface)
            }
        }
        return places
    }
}
