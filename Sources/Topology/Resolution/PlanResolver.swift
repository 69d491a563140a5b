import Addressing
import LabPlan

/// Works out a lab from a topology: every node, interface, address and route.
///
///                  s0001            gw0, gw1 in bridge gw                gw0, gw1 in bridge inside
///     [site 1] wan ───── [internet] ─────────────────── out [gateway i] in ─────────────────── [vnet]
///      lan          100.64.0.1                         VIP on the active one                    work
///
/// The internet knows addresses of sites and VIPs, never a protected prefix: what is not encrypted cannot cross it.
struct PlanResolver {
    private let topology: Topology
    private let lab: String
    private let usesIPv6: Bool
    /// The families of the protected prefixes.
    private let insideFamilies: [IPAddress.Family]

    private var nodes: [Node] = []
    private var bridges: [Bridge] = []
    private var links: [Link] = []
    private var dummies: [Dummy] = []
    private var addresses: [InterfaceAddress] = []
    private var routes: [Route] = []
    private var connections: [ConnectionPlan] = []

    private static let firstInstance = 2
    private static let firstSite = 4

    private init(topology: Topology, lab: String) {
        self.topology = topology
        self.lab = lab
        let sites = topology.sites
        usesIPv6 =
            (topology.gateway.addresses + sites.map(\.address)).contains { $0.family == .v6 }
            || (topology.gateway.prefixes + sites.flatMap(\.prefixes)).contains { $0.family == .v6 }
        insideFamilies = Set(sites.flatMap(\.prefixes).map(\.family)).sorted()
    }

    static func resolve(_ topology: Topology, lab: String, seed: UInt64, rehearsal: RehearsalPlan) -> LabPlan {
        var resolver = PlanResolver(topology: topology, lab: lab)
        resolver.addNodes()
        resolver.addInternet()
        resolver.addVirtualNetwork()
        for instance in NodeNames.instances.indices { resolver.addInstance(instance) }
        for index in topology.sites.indices { resolver.addSite(index, seed: seed) }
        return resolver.plan(seed: seed, rehearsal: rehearsal)
    }

    private func plan(seed: UInt64, rehearsal: RehearsalPlan) -> LabPlan {
        LabPlan(
            name: lab, topology: topology.file.split(separator: "/").last.map(String.init) ?? topology.file, seed: seed, usesIPv6: usesIPv6,
            nodes: nodes, bridges: bridges, links: links, dummies: dummies, addresses: addresses, routes: routes, gateway: gatewayPlan,
            connections: connections, timing: topology.timing, rehearsal: rehearsal)
    }

    private var gatewayPlan: GatewayPlan {
        let isActiveActive = topology.gateway.isActiveActive
        return GatewayPlan(
            name: topology.gateway.name,
            instances: NodeNames.instances.enumerated().map { index, name in
                GatewayPlan.Instance(
                    name: name, node: Self.firstInstance + index, outside: InterfaceNames.outside, inside: InterfaceNames.inside,
                    addresses: isActiveActive ? topology.gateway.addresses(ofInstance: index) : [],
                    insideNextHops: isActiveActive
                        ? insideFamilies.map { InternalAddresses.insideNextHop($0, ofInstance: index) } : [])
            },
            isActiveActive: isActiveActive, recovery: topology.gateway.recovery,
            maxConcurrentExchanges: topology.gateway.maxConcurrentExchanges,
            virtualAddresses: isActiveActive ? [] : topology.gateway.addresses,
            insideNextHops: isActiveActive ? [] : insideFamilies.map { InternalAddresses.insideNextHop($0) },
            prefixes: topology.gateway.prefixes)
    }

    /// Index of the tunnel that carries a site's traffic while it is up: sites take turns, so that both instances have something to lose.
    private func preferredTunnel(ofSite index: Int) -> Int {
        guard topology.gateway.isActiveActive else { return 0 }
        return topology.sites[index].connection.preferredTunnel ?? index % NodeNames.instances.count
    }

    // MARK: - Nodes

    private mutating func addNodes() {
        addNode(NodeNames.internet, .internet)
        addNode(NodeNames.virtualNetwork, .virtualNetwork)
        for (index, name) in NodeNames.instances.enumerated() { addNode(name, .gatewayInstance(index)) }
        for site in topology.sites { addNode(site.name, .site) }
    }

    private mutating func addNode(_ name: String, _ kind: Node.Kind) {
        nodes.append(Node(name: name, kind: kind, namespace: "rl-\(lab)-\(name)"))
    }

    private mutating func addInternet() {
        let node = LabPlan.internet
        addBridge(node, InterfaceNames.gatewayBridge)
        addRouterAddresses(InterfaceNames.gatewayBridge)
        for address in topology.gateway.addresses { addRoute(node, to: address, InterfaceNames.gatewayBridge) }
    }

    /// The router's addresses are the same on each of its interfaces.
    private mutating func addRouterAddresses(_ interface: String) {
        addAddress(LabPlan.internet, interface, InternalAddresses.router)
        if usesIPv6 { addAddress(LabPlan.internet, interface, InternalAddresses.linkLocalRouter, length: 64) }
    }

    private mutating func addVirtualNetwork() {
        let node = LabPlan.virtualNetwork
        let bridge = InterfaceNames.insideBridge
        addBridge(node, bridge)
        addAddress(node, bridge, InternalAddresses.virtualNetwork)
        if usesIPv6 { addAddress(node, bridge, InternalAddresses.linkLocalRouter, length: 64) }
        for instance in NodeNames.instances.indices where instance == 0 || topology.gateway.isActiveActive {
            addRoute(node, to: InternalAddresses.insideNextHop(.v4, ofInstance: instance), bridge)
        }
        for instance in NodeNames.instances.indices { addRoute(node, to: InternalAddresses.inside(ofInstance: instance), bridge) }
        dummies.append(Dummy(node: node, interface: InterfaceNames.workload))
        for prefix in topology.gateway.prefixes {
            addAddress(node, InterfaceNames.workload, prefix.firstHost, length: prefix.length)
        }
        for (index, site) in topology.sites.enumerated() {
            for prefix in site.prefixes {
                let nextHop = InternalAddresses.insideNextHop(prefix.family, ofInstance: preferredTunnel(ofSite: index))
                addRoute(node, to: prefix, via: nextHop, bridge, source: workload(prefix.family))
            }
        }
    }

    private mutating func addInstance(_ index: Int) {
        let node = Self.firstInstance + index
        let port = InterfaceNames.gatewayPort(index)
        let (outside, inside) = (InterfaceNames.outside, InterfaceNames.inside)
        addLink(
            LabPlan.internet, port, bridge: InterfaceNames.gatewayBridge, node, outside, topology.gateway.link)
        addLink(
            LabPlan.virtualNetwork, port, bridge: InterfaceNames.insideBridge, node, inside, topology.gateway.insideLink)

        addAddress(node, outside, InternalAddresses.outside(ofInstance: index))
        addAddress(node, inside, InternalAddresses.inside(ofInstance: index))
        addRoute(node, to: InternalAddresses.router, outside)
        addRoute(node, to: .default(.v4), via: InternalAddresses.router, outside)
        if usesIPv6 { addRoute(node, to: .default(.v6), via: InternalAddresses.linkLocalRouter, outside) }
        addRoute(node, to: InternalAddresses.virtualNetwork, inside)
        for prefix in topology.gateway.prefixes {
            addRoute(node, to: prefix, via: InternalAddresses.virtualNetwork(prefix.family), inside)
        }
    }

    // MARK: - Sites

    private mutating func addSite(_ index: Int, seed: UInt64) {
        let site = topology.sites[index]
        let node = Self.firstSite + index
        let port = InterfaceNames.sitePort(index)
        let wan = InterfaceNames.wan
        addLink(LabPlan.internet, port, bridge: nil, node, wan, site.link)
        addRouterAddresses(port)
        addRoute(LabPlan.internet, to: site.address, port)

        addAddress(node, wan, site.address)
        dummies.append(Dummy(node: node, interface: InterfaceNames.lan))
        for prefix in site.prefixes { addAddress(node, InterfaceNames.lan, prefix.firstHost, length: prefix.length) }
        // The inner family needs a way out as well, even where the outer one differs: the packet is routed before it is encapsulated.
        let families = Set([site.address.family] + site.prefixes.map(\.family)).sorted()
        if families.contains(.v4) { addRoute(node, to: InternalAddresses.router, wan) }
        for family in families { addRoute(node, to: .default(family), via: InternalAddresses.router(family), wan) }
        // A source in the protected prefix, so that what the site itself sends is protected too.
        for prefix in topology.gateway.prefixes {
            guard let source = site.prefixes.first(where: { $0.family == prefix.family })?.firstHost else { continue }
            addRoute(node, to: prefix, via: InternalAddresses.router(prefix.family), wan, source: source)
        }
        addConnection(index, site, seed: seed)
    }

    private mutating func addConnection(_ index: Int, _ site: Topology.Site, seed: UInt64) {
        let pairs = site.prefixes.flatMap { own in
            topology.gateway.prefixes.filter { $0.family == own.family }.map { ConnectionPlan.Selectors(site: own, gateway: $0) }
        }
        let tunnels = tunnels(of: site)
        guard let first = pairs.first, !tunnels.isEmpty
        else { preconditionFailure("Topology.load lets no site of a family pass that the gateway does not have") }
        let configured = site.connection
        let generated = PreSharedKey.generated(seed: seed, connection: configured.name)
        connections.append(
            ConnectionPlan(
                name: configured.name, site: Self.firstSite + index, siteInterface: InterfaceNames.wan, siteAddress: site.address,
                siteSide: .init(
                    preSharedKey: configured.preSharedKeys?.site ?? generated, policy: configured.policies.site,
                    selectors: configured.selectors.site ?? pairs, mode: configured.modes.site,
                    deadPeerDetection: configured.deadPeerDetection.site),
                gatewaySide: .init(
                    preSharedKey: configured.preSharedKeys?.gateway ?? generated, policy: configured.policies.gateway,
                    selectors: configured.selectors.gateway ?? pairs, mode: configured.modes.gateway,
                    deadPeerDetection: configured.deadPeerDetection.gateway),
                tunnels: tunnels, preferredTunnel: preferredTunnel(ofSite: index), requestID: UInt32(index + 1),
                probes: .init(site: first.site.firstHost, gateway: first.gateway.firstHost)))
    }

    private func tunnels(of site: Topology.Site) -> [ConnectionPlan.Tunnel] {
        let isActiveActive = topology.gateway.isActiveActive
        let ends = topology.gateway.addresses.filter { $0.family == site.address.family }
        let assumed = site.connection.gatewayAddressesAtSite ?? ends
        return zip(ends, assumed).enumerated().map { index, addresses in
            ConnectionPlan.Tunnel(
                gatewayAddress: addresses.0, instance: isActiveActive ? index : nil, gatewayAddressAtSite: addresses.1,
                siteAddressAtGateway: site.connection.siteAddressAtGateway ?? site.address)
        }
    }

    /// The workload's address of a family; nil where the gateway has no prefix of it.
    private func workload(_ family: IPAddress.Family) -> IPAddress? {
        topology.gateway.prefixes.first { $0.family == family }?.firstHost
    }

    // MARK: - Parts

    /// Ethernet addresses: one block for bridges, one for the ends of links at the internet and the virtual network, one for the other ends.
    private enum MACBlock {
        static let bridges: UInt8 = 1
        static let nearEnds: UInt8 = 2
        static let farEnds: UInt8 = 3
    }

    private mutating func addBridge(_ node: Int, _ interface: String) {
        bridges.append(
            Bridge(
                node: node, interface: interface, mac: .local(block: MACBlock.bridges, index: UInt32(bridges.count + 1)),
                sparePort: InterfaceNames.sparePort(of: interface), spareEnd: InterfaceNames.spareEnd(of: interface)))
    }

    /// A link from the internet or the virtual network to a node; `impairments.to` is what the first of them sends.
    private mutating func addLink(
        _ near: Int, _ nearInterface: String, bridge: String?, _ far: Int, _ farInterface: String, _ impairments: Topology.Link
    ) {
        let number = UInt32(links.count + 1)
        links.append(
            Link(
                name: "\(nodes[near].name)-\(nodes[far].name)",
                a: .init(
                    node: near, interface: nearInterface, mac: .local(block: MACBlock.nearEnds, index: number), bridge: bridge,
                    impairment: impairments.to),
                b: .init(
                    node: far, interface: farInterface, mac: .local(block: MACBlock.farEnds, index: number), impairment: impairments.from)))
    }

    private mutating func addAddress(_ node: Int, _ interface: String, _ address: IPAddress, length: Int? = nil) {
        let prefix = length.flatMap { IPPrefix(address, length: $0) } ?? IPPrefix(host: address)
        addresses.append(InterfaceAddress(node: node, interface: interface, address: prefix))
    }

    private mutating func addRoute(_ node: Int, to address: IPAddress, _ interface: String) {
        routes.append(Route(node: node, destination: IPPrefix(host: address), nextHop: nil, interface: interface))
    }

    private mutating func addRoute(
        _ node: Int, to prefix: IPPrefix, via nextHop: IPAddress, _ interface: String, source: IPAddress? = nil
    ) {
        routes.append(Route(node: node, destination: prefix, nextHop: nextHop, interface: interface, source: source))
    }
}

extension Topology.Gateway {
    /// An active-active gateway's: the first of each family is the first instance's.
    fileprivate func addresses(ofInstance instance: Int) -> [IPAddress] {
        [IPAddress.Family.v4, .v6].compactMap { family in
            addresses.filter { $0.family == family }.dropFirst(instance).first
        }
    }
}

extension IPPrefix {
    /// Everything of a family: 0.0.0.0/0 or ::/0.
    fileprivate static func `default`(_ family: IPAddress.Family) -> IPPrefix {
        let first = IPAddress(family: family, value: 0)
        guard let prefix = IPPrefix(first, length: 0) else { preconditionFailure("/0 fits every family") }
        return prefix
    }
}
