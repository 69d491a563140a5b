import LabPlan
import Measurement

/// Which flow a number stands for: two for each connection, towards the gateway and towards the site.
struct FlowIdentity {
    let connection: Int
    let direction: FlowDirection

    static func all(of plan: LabPlan) -> [FlowIdentity] {
        plan.connections.indices.flatMap { connection in
            [FlowDirection.toGateway, .toSite].map { FlowIdentity(connection: connection, direction: $0) }
        }
    }
}

/// Every place where a packet of a flow can die, by whichever instance it goes.
struct FlowPaths {
    private let plan: LabPlan
    /// The links of each site, and those of the gateway's instances.
    private let links: [Int: [Link]]

    init(plan: LabPlan) {
        self.plan = plan
        var links: [Int: [Link]] = [:]
        for link in plan.links {
            for node in Set(link.ends.map(\.node)) { links[node, default: []].append(link) }
        }
        self.links = links
    }

    func path(of flow: FlowIdentity) -> FlowPath {
        let site = plan.connections[flow.connection].site
        let gateways = plan.gateway.instances.map(\.node)
        var path = FlowPath()
        path.pass(node: LabPlan.internet, .routing)
        for bridge in plan.bridges { path.pass(node: bridge.node, interface: bridge.spareEnd, .receiving) }
        switch flow.direction {
        case .toGateway:
            path.pass(node: site, [.sealing, .routing])
            for gateway in gateways { path.pass(node: gateway, [.opening, .routing]) }
            path.pass(node: LabPlan.virtualNetwork, [.routing, .delivery])
            cross([site], to: [LabPlan.internet], in: &path)
            cross([LabPlan.internet], to: gateways, in: &path)
            cross(gateways, to: [LabPlan.virtualNetwork], in: &path)
        case .toSite:
            path.pass(node: LabPlan.virtualNetwork, .routing)
            for gateway in gateways { path.pass(node: gateway, [.sealing, .routing]) }
            path.pass(node: site, [.opening, .routing, .delivery])
            cross([LabPlan.virtualNetwork], to: gateways, in: &path)
            cross(gateways, to: [LabPlan.internet], in: &path)
            cross([LabPlan.internet], to: [site], in: &path)
        }
        return path
    }

    /// The links between two sets of nodes: sent at the one end, received at the other.
    private func cross(_ senders: [Int], to receivers: [Int], in path: inout FlowPath) {
        // The internet has a link to every site: found from the side with the fewer links.
        let candidates = [senders, receivers].map { nodes in nodes.flatMap { links[$0, default: []] } }.min { $0.count < $1.count } ?? []
        for link in candidates {
            guard let from = link.ends.first(where: { senders.contains($0.node) }),
                let to = link.ends.first(where: { receivers.contains($0.node) })
            else { continue }
            path.pass(node: from.node, interface: from.interface, .sending)
            path.pass(node: to.node, interface: to.interface, .receiving)
        }
    }
}
