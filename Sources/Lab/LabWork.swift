import Addressing
import LabPlan
import Links
import LinuxKernel

/// What building a plan, or what it has more than one that stands, consists of: sorted by node once, since a lab may have thousands of each.
package struct LabWork {
    /// A link's end that is made, and the link's name.
    fileprivate struct MadeEnd {
        let end: Link.End
        let name: String
    }

    private let plan: LabPlan
    /// Indices into the plan's nodes, in the order of building.
    package let nodes: Range<Int>
    private let interfaceNumbers: InterfaceNumbers
    /// By node: of all its interfaces.
    private let numbers: [[String: Int32]]
    /// By node: indices into the plan's links of those made once that node is there, the later one of both.
    private var links: [[Int]]
    /// By node: the last node that it has a link to, itself if none.
    private var lastPeer: [Int]
    private var bridges: [[Int]]
    private var dummies: [[Dummy]]
    private var addresses: [[InterfaceAddress]]
    private var routes: [[Route]]
    /// By node: nodes that are complete when it is.
    private var complete: [[Int]]

    /// - Parameter addition: nil for all of the plan.
    package init(_ plan: LabPlan, _ addition: LabPlan.Addition?) {
        self.plan = plan
        nodes = addition?.nodes ?? 0..<plan.nodes.count
        interfaceNumbers = InterfaceNumbers(plan: plan)
        numbers = interfaceNumbers.byNode
        links = plan.nodes.map { _ in [] }
        lastPeer = Array(plan.nodes.indices)
        bridges = plan.nodes.map { _ in [] }
        dummies = plan.nodes.map { _ in [] }
        addresses = plan.nodes.map { _ in [] }
        routes = plan.nodes.map { _ in [] }
        complete = plan.nodes.map { _ in [] }
        for index in addition?.links ?? 0..<plan.links.count {
            let (a, b) = (plan.links[index].a.node, plan.links[index].b.node)
            links[max(a, b)].append(index)
            lastPeer[a] = max(lastPeer[a], b)
            lastPeer[b] = max(lastPeer[b], a)
        }
        if addition == nil { for (index, bridge) in plan.bridges.enumerated() { bridges[bridge.node].append(index) } }
        for dummy in addition?.dummies ?? plan.dummies { dummies[dummy.node].append(dummy) }
        for address in addition?.addresses ?? plan.addresses { addresses[address.node].append(address) }
        for route in addition?.routes ?? plan.routes { routes[route.node].append(route) }
        // What an addition has at nodes that stand waits for the last of its links there, if it has any.
        for node in plan.nodes.indices { complete[min(max(lastPeer[node], nodes.lowerBound), plan.nodes.count - 1)].append(node) }
    }

    /// What can be done once a node's namespace is there: its links to those before it, and what is on the nodes that miss nothing now.
    package func steps(completing node: Int, _ namespaces: [NetworkNamespace]) -> [BuildStep] {
        var steps = interfaces(completing: node, namespaces)
        let made = ends(completing: node)
        for (place, ends) in made {
            let ownBridges = place == node ? bridges[node].map { plan.bridges[$0] } : []
            let settings = spareSettings(of: ownBridges)
            if !settings.isEmpty { steps.append(BuildStep(node: place, work: .settings(settings))) }
            var changes = neighbourTimes(of: ends, bridges: ownBridges) + activations(ends, bridges: ownBridges)
            if place == node { changes = [.setUp("lo")] + dummiesMade(at: node) + changes }
            if complete[node].contains(place) { changes += addressesAndRoutes(of: place) }
            steps.append(BuildStep(node: place, work: .changes(changes, numbers: numbers[place])))
        }
        let done = Set(made.map(\.node))
        for place in complete[node] where !done.contains(place) {
            let changes = addressesAndRoutes(of: place)
            if !changes.isEmpty { steps.append(BuildStep(node: place, work: .changes(changes, numbers: numbers[place]))) }
        }
        return steps
    }

    /// Last, since the kernel takes a link's queues into use when both ends are up.
    package var impairments: [BuildStep] {
        var changes: [Int: [NetworkChange]] = [:]
        for link in nodes.flatMap({ links[$0] }).map({ plan.links[$0] }) {
            for end in link.ends {
                guard let impairment = end.impairment, !impairment.isNone else { continue }
                let emulation = NetworkEmulation(impairment, seed: LabBuilder.seed(of: link, end, plan))
                changes[end.node, default: []].append(.emulate(emulation, on: end.interface))
            }
        }
        return changes.sorted { $0.key < $1.key }.map { BuildStep(node: $0, work: .changes($1, numbers: numbers[$0])) }
    }

    // MARK: - What goes into each batch

    /// Every pair is made once, from the node of its first end, directly in both.
    private func interfaces(completing node: Int, _ namespaces: [NetworkNamespace]) -> [BuildStep] {
        let bridges = bridges[node].flatMap { index in
            let bridge = plan.bridges[index]
            let spare = [0, 1].map { VethPair.End(spareOf: bridge, $0, number: interfaceNumbers.number(ofSpareOf: index, end: $0)) }
            return [
                NetworkChange.addBridge(bridge.interface, mac: bridge.mac, number: numbers[node][bridge.interface].map { UInt32($0) }),
                .addVethPair(VethPair(spare[0], peer: spare[1], in: namespaces[node])),
            ]
        }
        var changes: [(node: Int, changes: [NetworkChange])] = bridges.isEmpty ? [] : [(node, bridges)]
        for index in links[node] {
            let link = plan.links[index]
            let ends = link.ends.enumerated().map {
                VethPair.End($0.element, number: interfaceNumbers.number(ofLink: index, end: $0.offset))
            }
            let pair = NetworkChange.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[link.b.node]))
            if changes.last?.node == link.a.node {
                changes[changes.count - 1].changes.append(pair)
            } else {
                changes.append((link.a.node, [pair]))
            }
        }
        return changes.map { BuildStep(node: $0.node, work: .changes($0.changes, numbers: [:])) }
    }

    /// The ends of the links made with a node, by the nodes that they are in; that node itself is the last, with or without ends.
    private func ends(completing node: Int) -> [(node: Int, ends: [MadeEnd])] {
        var ends: [Int: [MadeEnd]] = [node: []]
        for index in links[node] {
            let link = plan.links[index]
            for end in link.ends { ends[end.node, default: []].append(MadeEnd(end: end, name: link.name)) }
        }
        return ends.sorted { $0.key < $1.key }.map { ($0, $1) }
    }

    private func dummiesMade(at node: Int) -> [NetworkChange] {
        dummies[node].flatMap { dummy -> [NetworkChange] in
            [.addDummy(dummy.interface, number: numbers[node][dummy.interface].map { UInt32($0) }), .setUp(dummy.interface)]
        }
    }

    private func activations(_ ends: [MadeEnd], bridges: [Bridge]) -> [NetworkChange] {
        bridges.flatMap { bridge -> [NetworkChange] in
            [
                .setUp(bridge.interface),
                .set(bridge.sparePort, LinkSettings(isUp: true, port: .of(bridge: bridge.interface))), .setUp(bridge.spareEnd),
            ]
        }
            + ends.map { made in
                .set(
                    made.end.interface, LinkSettings(isUp: true, port: made.end.bridge.map { .of(bridge: $0) }, alias: made.name))
            }
    }

    private func addressesAndRoutes(of node: Int) -> [NetworkChange] {
        Self.changes(addresses: addresses[node], routes: routes[node])
    }

    /// Of one node of a plan: without sorting the whole of it.
    static func addressesAndRoutes(of node: Int, in plan: LabPlan) -> [NetworkChange] {
        changes(addresses: plan.addresses.filter { $0.node == node }, routes: plan.routes.filter { $0.node == node })
    }

    private static func changes(addresses: [InterfaceAddress], routes: [Route]) -> [NetworkChange] {
        addresses.map { .addAddress(AssignedAddress($0.address, on: $0.interface)) }
            + routes.map {
                .addRoute(RouteEntry(to: $0.destination, via: $0.nextHop, on: $0.interface, preferredSource: $0.source))
            }
    }

    /// Every node keeps what it knows of a neighbour as routers do: for hours, until an announcement says otherwise. With a host's half
    /// minute, the entry would expire in the middle of an outage, and packets would die uncounted in its queue. An announced entry is stale
    /// from the start (`arp_process`, `ndisc_recv_na`), and would be asked for five seconds after its first use.
    private func neighbourTimes(of ends: [MadeEnd], bridges: [Bridge]) -> [NetworkChange] {
        let interfaces = bridges.map(\.interface) + ends.filter { $0.end.bridge == nil }.map(\.end.interface)
        return interfaces.flatMap { interface in
            (plan.usesIPv6 ? [.v4, .v6] : [.v4]).map { family in
                NetworkChange.setNeighbourTimes(
                    NeighbourTimes(family, reachable: .seconds(14_400), firstProbeDelay: .seconds(14_400)), on: interface)
            }
        }
    }

    /// A spare end answers nobody: the node's own addresses are asked for on the bridge.
    private func spareSettings(of bridges: [Bridge]) -> [KernelSetting] {
        bridges.flatMap { bridge in
            [KernelSetting("ipv4/conf/\(bridge.spareEnd)/arp_ignore", "8")]
                + (plan.usesIPv6 ? [KernelSetting("ipv6/conf/\(bridge.spareEnd)/disable_ipv6", "1")] : [])
        }
    }

    /// Every node forwards, and sends nothing of its own accord: a stray packet would take one of netem's draws.
    package var settings: [KernelSetting] {
        let ipv4 = [
            KernelSetting("ipv4/ip_forward", "1"),
            KernelSetting("ipv4/conf/all/rp_filter", "0"), KernelSetting("ipv4/conf/default/rp_filter", "0"),
            KernelSetting("ipv4/conf/all/send_redirects", "0"), KernelSetting("ipv4/conf/default/send_redirects", "0"),
            // Every packet dropped for want of a route or a neighbour is answered, so that the answers count the drops.
            KernelSetting("ipv4/icmp_ratemask", "0"),
        ]
        guard plan.usesIPv6 else {
            return ipv4 + [KernelSetting("ipv6/conf/all/disable_ipv6", "1"), KernelSetting("ipv6/conf/default/disable_ipv6", "1")]
        }
        return ipv4 + [
            KernelSetting("ipv6/conf/all/forwarding", "1"), KernelSetting("ipv6/conf/default/forwarding", "1"),
            KernelSetting("ipv6/conf/default/accept_dad", "0"), KernelSetting("ipv6/conf/default/dad_transmits", "0"),
            KernelSetting("ipv6/conf/default/accept_ra", "0"), KernelSetting("ipv6/conf/default/router_solicitations", "0"),
            KernelSetting("ipv6/icmp/ratelimit", "0"),
        ]
    }
}

extension VethPair.End {
    init(_ end: Link.End, number: UInt32) { self.init(interface: end.interface, mac: end.mac, number: number) }

    /// One end of a bridge's spare pair: the port, or what it leads to.
    fileprivate init(spareOf bridge: Bridge, _ end: Int, number: UInt32) {
        self.init(
            interface: end == 0 ? bridge.sparePort : bridge.spareEnd,
            mac: .local(block: Self.spareBlock + UInt8(end), index: UInt32(bridge.node)), number: number)
    }

    /// Ethernet addresses of spare pairs: blocks that no plan uses (`PlanResolver`).
    private static let spareBlock: UInt8 = 0xf0
}
