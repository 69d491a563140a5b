import AgentProtocol
import ArgumentParser
import Glibc
import LabPlan

/// What commands that work in a standing lab need of their connection to it.
protocol LabConnection: AnyObject {
    /// What there is in the lab; without secrets.
    var plan: LabPlan { get }
    /// Readable when there is something for `receive`.
    var fileDescriptor: Int32 { get }
    /// Asks the lab's agent.
    ///
    /// - Returns: the request's number, which the answer carries, and output and packets meanwhile.
    func request(_ operation: AgentRequest.Operation) throws -> Int
    /// What the agent has said since; empty for nothing.
    ///
    /// - Throws: when the lab has gone.
    func receive() throws -> [AgentMessage]
}

/// Which lab is meant.
struct LabOptions: ParsableArguments {
    @Option(help: "The lab's name. Default: the only one that stands.")
    var lab: String?

    /// - Throws: `CommandFailure` when there is no such lab.
    func connect() throws -> any LabConnection {
        throw CommandFailure(.badInput, "no lab stands; resetlab up TOPOLOGY makes one")
    }
}

extension LabConnection {
    /// - Throws: `CommandFailure` for a node that is not there, with those that are.
    func node(named name: String) throws -> Int {
        if let node = plan.node(named: name) { return node }
        throw CommandFailure(
            .badInput, "there is no node \(name) in \(plan.name); there are \(plan.nodes.map(\.name).joined(separator: ", "))")
    }

    /// A node, or one of its interfaces, written NODE:INTERFACE; a link's own name (`gateway-0:inside`) stands for the node's end of it.
    ///
    /// - Throws: `CommandFailure` for what is not there, with what is.
    func place(named text: String) throws -> (node: Int, interface: String?) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let node = try node(named: parts[0])
        guard parts.count == 2 else { return (node, nil) }
        let interfaces = plan.interfaces(of: node)
        if interfaces.contains(parts[1]) { return (node, parts[1]) }
        if let link = plan.link(named: text) { return (node, plan.links[link].b.interface) }
        throw CommandFailure(
            .badInput, "there is no link \(parts[1]) in \(parts[0]); there are \(interfaces.joined(separator: ", "))")
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

extension CommandFailure {
    /// The lab's refusal.
    init(_ failure: AgentMessage.Failure) {
        switch failure.kind {
        case .badRequest: self.init(.badInput, failure.message)
        case .unsupported: self.init(.unsupported, failure.message)
        case .failed: self.init(.failed, failure.message)
        }
    }
}
