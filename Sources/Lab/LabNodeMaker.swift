import LabPlan
import Links
import LinuxKernel

/// Makes nodes: a namespace, written down before, and the sockets in it.
final class LabNodeMaker {
    private let plan: LabPlan
    private let thread: NamespaceThread
    private let journal: Journal?
    /// By whether there is IPsec: where the counters stand is the same in all namespaces of one kernel.
    private var counters: [Bool: CounterReader] = [:]

    init(plan: LabPlan, thread: NamespaceThread, journal: Journal?) {
        (self.plan, self.thread, self.journal) = (plan, thread, journal)
    }

    /// - Parameters:
    ///   - index: the node's in the plan.
    ///   - settings: written as soon as the namespace is there, for its interfaces to take over.
    /// - Throws: `LabError` when the name is taken: a lab of this name is running, or something else uses it. That is left alone.
    func make(_ index: Int, settings: [KernelSetting]) throws -> LabNode {
        let node = plan.nodes[index]
        guard !NetworkNamespace.exists(named: node.namespace) else {
            throw LabError(
                "the namespace \(node.namespace) exists already: a lab named '\(plan.name)' is running, or was left behind "
                    + "(resetlab cleanup removes what Resetlab made)")
        }
        try journal?.making(node.namespace)
        return try thread.run {
            let namespace = try thread.makeNamespace(named: node.namespace)
            do {
                try journal?.made(node.namespace, namespace.identity)
                return try thread.run(in: namespace) { try furnish(node, namespace, settings) }
            } catch {
                // Whoever asked knows nothing of it yet.
                if (try? NetworkNamespace.remove(named: node.namespace, identity: namespace.identity)) != nil {
                    try? journal?.removed(node.namespace)
                }
                throw error
            }
        }
    }

    private func furnish(_ node: Node, _ namespace: NetworkNamespace, _ settings: [KernelSetting]) throws -> LabNode {
        try KernelSetting.write(settings, in: namespace, on: thread)
        let hasSecurity = node.kind.hasSecurity
        let made = try LabNode(node, namespace: namespace, usesIPv6: plan.usesIPv6, countersLike: counters[hasSecurity], on: thread)
        counters[hasSecurity] = made.counters
        return made
    }
}
