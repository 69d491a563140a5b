import LabPlan
import Links
import LinuxKernel
import XFRM

/// What is in some of a lab's namespaces, as text: whoever built it, the same must be there.
enum LabInventory {
    static func lines(of plan: LabPlan, on thread: NamespaceThread) throws -> [String] {
        // The two that hold nearly everything, the gateway's, and a few sites.
        let nodes = Set([0, 1, 2, 3, 4, plan.nodes.count / 2, plan.nodes.count - 1]).sorted()
        return try nodes.flatMap { index in
            let node = plan.nodes[index]
            let namespace = try NetworkNamespace.open(named: node.namespace)
            let stack = try NetworkStack(of: namespace, on: thread)
            var lines = try stack.links().map { link in
                // A dummy's Ethernet address is random.
                let mac = link.kind == "dummy" ? nil : link.mac
                return "\(link.name) \(link.kind ?? "-") \(mac.map { "\($0)" } ?? "-") \(link.isUp ? "up" : "down") "
                    + "\(link.bridgeIndex == nil ? "no port" : "port") \(link.alias ?? "-")"
            }
            // What IPv6 configures by itself where it is not switched off belongs to no plan without IPv6.
            lines += try stack.addresses().filter { plan.usesIPv6 || $0.address.family == .v4 }.map { "\($0)" }
            lines += try stack.routes().filter { plan.usesIPv6 || $0.destination.family == .v4 }.map {
                "\($0) \($0.preferredSource.map { "\($0)" } ?? "")"
            }
            let security = try thread.run(in: namespace) { try XFRMSocket() }
            lines += try security.associations().map { "\($0.association)" }
            lines += try security.policies().map { "\($0)" }
            return lines.sorted().map { "\(node.name): \($0)" }
        }
    }

    /// - Throws: `BenchFailure` with the first line that differs.
    static func compare(_ found: [String], with wanted: [String], of way: String) throws {
        guard found != wanted else { return }
        let missing = wanted.first { !found.contains($0) }
        let extra = found.first { !wanted.contains($0) }
        throw BenchFailure(
            "\(way) built another lab: missing is \(missing ?? "nothing"), too much is \(extra ?? "nothing") "
                + "(\(found.count) lines where \(wanted.count) were to be)")
    }
}
