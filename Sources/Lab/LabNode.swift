import LabPlan
import Links
import LinuxKernel
import XFRM

/// A node of the lab as it stands: its namespace, and a socket of each kind that was made in it.
package final class LabNode {
    package let node: Node
    package let namespace: NetworkNamespace
    package let network: NetworkStack
    let counters: CounterReader
    /// Only where there is IPsec: gateway instances and sites.
    package let security: XFRMSocket?

    /// - Parameter other: the counters of a node of the same kind, if there is one.
    init(_ node: Node, namespace: NetworkNamespace, usesIPv6: Bool, countersLike other: CounterReader?, on thread: NamespaceThread) throws {
        self.node = node
        self.namespace = namespace
        network = try NetworkStack(of: namespace, on: thread)
        let hasSecurity = node.kind.hasSecurity
        counters = try CounterReader(of: namespace, on: thread, like: other) { name in
            DropCounters.isDrop(name, usesIPv6: usesIPv6) && (hasSecurity || !name.hasPrefix("Xfrm"))
        }
        security = try node.kind.hasSecurity ? thread.run(in: namespace) { try XFRMSocket() } : nil
    }
}

extension Node.Kind {
    var hasSecurity: Bool {
        switch self {
        case .gatewayInstance, .site: true
        case .internet, .virtualNetwork: false
        }
    }
}
