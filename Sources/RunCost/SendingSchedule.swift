import LabPlan

/// When timers expire in each turn of probes, in which every flow sends one.
struct SendingSchedule {
    /// Moments of sending.
    let sends: Int
    /// How often a link lets a probe go that it delayed: each by a timer of its own.
    let deliveries: Int

    /// Connections whose probes are sent at one moment, in both directions (`Laboratory.makeProbes`).
    private static let connectionsAtOnce = 4

    /// What a link does to packets from a node and to it.
    private struct Ends {
        var from: Impairment?
        var to: Impairment?
    }

    init(_ plan: LabPlan) {
        // The way through the gateway is that of its first instance; the other's links are as good.
        let instance = plan.nodes.firstIndex { $0.kind == .gatewayInstance(0) }
        var siteLinks: [Int: Ends] = [:]
        var gatewayLinks: [Ends] = []
        for link in plan.links {
            for (end, other) in [(link.a, link.b), (link.b, link.a)] {
                let ends = Ends(from: end.impairment, to: other.impairment)
                if plan.nodes[end.node].kind == .site { siteLinks[end.node] = ends }
                if end.node == instance { gatewayLinks.append(ends) }
            }
        }
        var (sends, deliveries) = (0, 0)
        for first in stride(from: 0, to: plan.connections.count, by: Self.connectionsAtOnce) {
            for connection in plan.connections[first..<min(first + Self.connectionsAtOnce, plan.connections.count)] {
                let site = siteLinks[connection.site] ?? Ends()
                for way in [[site.from] + gatewayLinks.map(\.to), gatewayLinks.map(\.from) + [site.to]] {
                    deliveries += way.count { ($0?.delay ?? .zero) > .zero }
                }
            }
            sends += 1
        }
        (self.sends, self.deliveries) = (sends, deliveries)
    }
}
