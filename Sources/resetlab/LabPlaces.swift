import AgentProtocol
import LabKeeper
import LabPlan

extension LabClient {
    /// - Throws: `CommandFailure` for a node that is not there, with those that are.
    func node(named name: String) throws -> Int {
        if let node = description.plan.node(named: name) { return node }
        throw CommandFailure(
            .badInput, "no node \(name) in lab \(description.name); there are: \(description.nodes.joined(separator: ", "))")
    }

    /// A node, or one of its interfaces, written NODE:INTERFACE; a link's own name (`gateway-0:inside`) stands for the node's end of it.
    ///
    /// - Throws: `CommandFailure` for what is not there, with what is.
    func place(named text: String) throws -> (node: Int, interface: String?) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let node = try node(named: parts[0])
        guard parts.count == 2 else { return (node, nil) }
        let plan = description.plan
        let interfaces = plan.interfaces(of: node)
        if interfaces.contains(parts[1]) { return (node, parts[1]) }
        if let link = plan.link(named: text) { return (node, plan.links[link].b.interface) }
        throw CommandFailure(
            .badInput, "no link \(parts[1]) in \(parts[0]); there are: \(interfaces.joined(separator: ", "))")
    }
}

extension LabPlan {
    /// Every interface that a node has.
    fileprivate func interfaces(of node: Int) -> [String] {
        var names = ["lo"]
        names += bridges.filter { $0.node == node }.map(\.interface)
        names += links.flatMap(\.ends).filter { $0.node == node }.map(\.interface)
        names += dummies.filter { $0.node == node }.map(\.interface)
        return names
    }
}
