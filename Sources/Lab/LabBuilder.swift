import Addressing
import AgentProtocol
import LabPlan
import Links
import LinuxKernel

/// Builds the plan's network: namespaces, then links, then addresses, then routes, then impairments.
///
/// Everything of one kind in one namespace goes out as one batch.
package struct LabBuilder {
    let plan: LabPlan
    let thread: NamespaceThread
    let journal: Journal?
    let report: (Progress) -> Void
    /// nil for the whole plan.
    private var addition: LabPlan.Addition?

    package init(plan: LabPlan, thread: NamespaceThread, journal: Journal? = nil, report: @escaping (Progress) -> Void) {
        self.plan = plan
        self.thread = thread
        self.journal = journal
        self.report = report
    }

    /// The same for what a plan has more than this one's.
    func adding(_ addition: LabPlan.Addition, of plan: LabPlan) -> LabBuilder {
        var builder = LabBuilder(plan: plan, thread: thread, journal: journal, report: report)
        builder.addition = addition
        return builder
    }

    /// The same for all of its plan.
    var whole: LabBuilder { LabBuilder(plan: plan, thread: thread, journal: journal, report: report) }

    private var bridges: [(offset: Int, element: Bridge)] { addition == nil ? Array(plan.bridges.enumerated()) : [] }
    private var links: [(offset: Int, element: Link)] { plan.links.enumerated().filter { addition?.links.contains($0.offset) ?? true } }
    private var dummies: [Dummy] { addition?.dummies ?? plan.dummies }
    private var newAddresses: [InterfaceAddress] { addition?.addresses ?? plan.addresses }
    private var newRoutes: [Route] { addition?.routes ?? plan.routes }

    /// Makes a node's namespace, its name written down before.
    ///
    /// - Throws: `LabError` when the name is taken: a lab of this name is running, or something else uses it. That is left alone.
    func makeNamespace(_ node: Node) throws -> NetworkNamespace {
        guard !NetworkNamespace.exists(named: node.namespace) else {
            throw LabError(
                "the namespace \(node.namespace) exists already: a lab named '\(plan.name)' is running, or was left behind "
                    + "(resetlab cleanup removes what Resetlab made)")
        }
        try journal?.making(node.namespace)
        let namespace = try thread.makeNamespace(named: node.namespace)
        try journal?.made(node.namespace, namespace.identity)
        return namespace
    }

    /// Builds the links between nodes whose namespaces are there, and everything on them; of an addition, what it has at the nodes that stand too.
    func build(_ nodes: [LabNode]) throws {
        let steps = steps(nodes.map(\.namespace))
        for (done, step) in steps.enumerated() {
            switch step.work {
            case .settings(let settings): try KernelSetting.write(settings, in: nodes[step.node].namespace, on: thread)
            case .changes(let changes): try nodes[step.node].network.apply(changes)
            }
            // Each costs a message: a few dozen show that it goes on.
            let part = Self.reports * (done + 1) / steps.count
            guard part > Self.reports * done / steps.count else { continue }
            report(Progress(phase: "building", done: Double(part), total: Double(Self.reports)))
        }
    }

    private static let reports = 20

    /// What building consists of once the namespaces are there, in order.
    package func steps(_ namespaces: [NetworkNamespace]) -> [BuildStep] {
        (addition?.nodes ?? namespaces.indices).map { BuildStep(node: $0, settings) }
            + namespaces.indices.map { BuildStep(node: $0, interfaces(of: $0, namespaces)) }
            + namespaces.indices.flatMap { [BuildStep(node: $0, routerSettings(of: $0)), BuildStep(node: $0, activations(of: $0))] }
            + namespaces.indices.map { BuildStep(node: $0, addresses(of: $0) + routes(of: $0)) }
            + namespaces.indices.map { BuildStep(node: $0, impairments(of: $0)) }
    }

    /// An instance's own addresses and routes, which the kernel has dropped with its links.
    func restore(_ node: Int, on network: NetworkStack) throws {
        // IPv4 addresses outlive a link's fall, IPv6 ones do not: what is there already is no failure.
        for failure in try network.attempt(addresses(of: node) + routes(of: node)) where !failure.error.isAlreadyExists {
            throw failure.error
        }
    }

    // MARK: - What goes into each batch

    /// Every pair is made once, from the node of its first end, directly in both.
    private func interfaces(of node: Int, _ namespaces: [NetworkNamespace]) -> [NetworkChange] {
        let numbers = InterfaceNumbers(plan: plan)
        let bridges = bridges.filter { $0.element.node == node }.flatMap { index, bridge in
            let spare = [0, 1].map { VethPair.End(spareOf: bridge, $0, number: numbers.number(ofSpareOf: index, end: $0)) }
            return [
                NetworkChange.addBridge(bridge.interface, mac: bridge.mac),
                .addVethPair(VethPair(spare[0], peer: spare[1], in: namespaces[node])),
            ]
        }
        let dummies = dummies.filter { $0.node == node }.map { NetworkChange.addDummy($0.interface) }
        let pairs = links.filter { $0.element.a.node == node }.map { index, link in
            let ends = link.ends.enumerated().map { VethPair.End($0.element, number: numbers.number(ofLink: index, end: $0.offset)) }
            return NetworkChange.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[link.b.node]))
        }
        return bridges + dummies + pairs
    }

    private func activations(of node: Int) -> [NetworkChange] {
        let ends = links.map(\.element).flatMap { link in link.ends.filter { $0.node == node }.map { (link.name, $0) } }
        return [.setUp("lo")]
            + bridges.map(\.element).filter { $0.node == node }.flatMap { bridge -> [NetworkChange] in
                [
                    .setUp(bridge.interface),
                    .set(bridge.sparePort, LinkSettings(isUp: true, port: .of(bridge: bridge.interface))), .setUp(bridge.spareEnd),
                ]
            }
            + dummies.filter { $0.node == node }.map { .setUp($0.interface) }
            + ends.map { name, end in
                .set(end.interface, LinkSettings(isUp: true, port: end.bridge.map { .of(bridge: $0) }, alias: name))
            }
    }

    private func addresses(of node: Int) -> [NetworkChange] {
        newAddresses.filter { $0.node == node }.map { .addAddress(AssignedAddress($0.address, on: $0.interface)) }
    }

    private func routes(of node: Int) -> [NetworkChange] {
        newRoutes.filter { $0.node == node }.map {
            .addRoute(RouteEntry(to: $0.destination, via: $0.nextHop, on: $0.interface, preferredSource: $0.source))
        }
    }

    private func impairments(of node: Int) -> [NetworkChange] {
        links.map(\.element).flatMap { link in
            link.ends.filter { $0.node == node }.compactMap { end in
                guard let impairment = end.impairment, !impairment.isNone else { return nil }
                return .emulate(NetworkEmulation(impairment, seed: Self.seed(of: link, end, plan)), on: end.interface)
            }
        }
    }

    /// What randomness one end of a link has.
    static func seed(of link: Link, _ end: Link.End, _ plan: LabPlan) -> UInt64 {
        RandomSeed.derive(plan.seed, "netem \(link.name) \(end.interface)")
    }

    /// Every node keeps what it knows of a neighbour as routers do: for hours, until an announcement says otherwise. With a host's half
    /// minute, the entry would expire in the middle of an outage, and packets would die uncounted in its queue. An announced entry is stale
    /// from the start (`arp_process`, `ndisc_recv_na`), and would be asked for five seconds after its first use.
    private func routerSettings(of node: Int) -> [KernelSetting] {
        let families = plan.usesIPv6 ? ["ipv4", "ipv6"] : ["ipv4"]
        let interfaces =
            bridges.map(\.element).filter { $0.node == node }.map(\.interface)
            + links.flatMap(\.element.ends).filter { $0.node == node && $0.bridge == nil }.map(\.interface)
        let neighbours = interfaces.flatMap { interface in
            families.flatMap { family in
                [("base_reachable_time_ms", "14400000"), ("delay_first_probe_time", "14400")].map { name, hours in
                    KernelSetting("\(family)/neigh/\(interface)/\(name)", hours)
                }
            }
        }
        // A spare end answers nobody: the node's own addresses are asked for on the bridge.
        let spares = bridges.map(\.element).filter { $0.node == node }.flatMap { bridge in
            [KernelSetting("ipv4/conf/\(bridge.spareEnd)/arp_ignore", "8")]
                + (plan.usesIPv6 ? [KernelSetting("ipv6/conf/\(bridge.spareEnd)/disable_ipv6", "1")] : [])
        }
        return neighbours + spares
    }

    /// Every node forwards, and sends nothing of its own accord: a stray packet would take one of netem's draws.
    private var settings: [KernelSetting] {
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

extension NetworkEmulation {
    init(_ impairment: Impairment, seed: UInt64) {
        self.init(delay: impairment.delay, jitter: impairment.jitter, loss: impairment.loss, rate: impairment.rate, seed: seed)
    }
}

/// Seeds for different purposes from the plan's one.
enum RandomSeed {
    /// FNV-1a over the seed's bytes and the purpose, stirred by SplitMix64's finaliser: alike labels give unlike seeds.
    static func derive(_ seed: UInt64, _ purpose: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in withUnsafeBytes(of: seed.littleEndian, Array.init) + Array(purpose.utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
