import Addressing
import AgentProtocol
import EventLoop
import Gateway
import KeyExchange
import LabPlan
import Links
import LinuxKernel
import Measurement
import Probing
import XFRM

/// A lab that stands: its nodes, the gateway that runs in them, and the key exchanges between both ends of its connections.
///
/// Made by building the network; `bringUp` starts the gateway, `rehearse` measures a reset, `tearDown` removes everything.
package final class Laboratory {
    let plan: LabPlan
    let loop: EventLoop
    let environment: LabEnvironment
    package let timeline = Timeline()
    let report: (Progress) -> Void
    package private(set) var nodes: [LabNode] = []
    let securityLedger: SecurityLedger
    let sampler: CounterSampler

    private let thread: NamespaceThread
    private let journal: Journal?
    private let builder: LabBuilder
    /// By instance.
    private let announcements: [AnnouncementSocket]
    private var driver: GatewayDriver!
    private let exchanges: KeyExchangeDriver
    /// What the exchanges have agreed on, until it is installed at the gateway.
    private var negotiated: [KeyExchangeID: NegotiatedChild] = [:]
    private var failures: [KeyExchangeID: KeyExchangeFailure] = [:]
    private var whenSettled: ((Result<Void, any Error>) -> Void)?
    /// The run in progress, if one is.
    var run: RehearsalRun?

    /// Builds the plan's network. When that fails, what was made is removed again.
    package init(plan: LabPlan, loop: EventLoop, environment: LabEnvironment, report: @escaping (Progress) -> Void) throws {
        self.plan = plan
        self.loop = loop
        self.environment = environment
        self.report = report
        if environment.isShared { _ = try Journal.cleanUp() }
        // Each node takes about a dozen descriptors.
        try ResourceLimits.raiseOpenFiles(to: UInt64(plan.nodes.count * 16 + 1_024))
        let journal = try environment.isShared ? Journal() : nil
        let thread = try NamespaceThread()
        let builder = LabBuilder(plan: plan, thread: thread, journal: journal, report: report)
        let random: any RandomSource =
            environment.isRepeatable ? SeededRandom(seed: plan.seed, label: "key exchanges") : KernelRandom()
        let exchanges = KeyExchangeDriver(plan: plan, loop: loop, random: random)

        var made: [NetworkNamespace] = []
        do {
            for node in plan.nodes { made.append(try builder.makeNamespace(node)) }
            let nodes = try zip(plan.nodes, made).map { try LabNode($0, namespace: $1, usesIPv6: plan.usesIPv6, on: thread) }
            try builder.build(nodes)
            announcements = try plan.gateway.instances.map { try AnnouncementSocket(in: nodes[$0.node].namespace, on: thread) }
            for (index, node) in nodes.enumerated() where node.node.kind.hasSecurity {
                try thread.run(in: node.namespace) { try exchanges.openSockets(of: index) }
            }
            self.nodes = nodes
        } catch {
            _ = Self.remove(made, journal)
            throw error
        }
        self.journal = journal
        self.thread = thread
        self.builder = builder
        self.exchanges = exchanges
        securityLedger = SecurityLedger { [nodes] in nodes[$0].security! }
        sampler = CounterSampler(plan: plan, nodes: nodes, loop: loop)
        connectDrivers()
    }

    private func connectDrivers() {
        driver = GatewayDriver(plan: plan, loop: loop, performer: self) { [unowned self] in fail($0) }
        driver.changed = { [unowned self] in checkSettled() }
        exchanges.siteCompleted = { [unowned self] connection, child in
            let plan = plan.connections[connection]
            try securityLedger.install(child, of: TunnelSecurity(plan: plan, side: .site), connection: connection, at: plan.site)
            timeline.record("site-security-installed", plan.name)
        }
        exchanges.gatewayEnded = { [unowned self] exchange, outcome in
            switch outcome {
            case .completed(let child):
                negotiated[exchange] = child
                driver.handle(.keyExchangeCompleted(exchange))
            case .failed(let failure):
                failures[exchange] = failure
                driver.handle(.keyExchangeFailed(exchange))
            }
        }
        exchanges.failed = { [unowned self] in fail($0) }
    }

    /// Whether every connection is up or has failed for good, and how many are up.
    private var connectionsSettled: (isSettled: Bool, up: Int) {
        var up = 0
        var isSettled = true
        for state in driver.machine.connections {
            switch state {
            case .up: up += 1
            case .exchangingKeys, .down: isSettled = false
            case .failed: break
            }
        }
        return (isSettled, up)
    }

    /// Installs the sites' policies, starts the gateway, and waits until every connection is up or has failed for good.
    package func bringUp(_ completion: @escaping (Result<Void, any Error>) -> Void) throws {
        for (connection, plan) in plan.connections.enumerated() {
            try installPolicies(TunnelSecurity(plan: plan, side: .site), connection: connection, at: plan.site)
        }
        try exchanges.listen()
        whenSettled = completion
        driver.handle(.start)
    }

    /// Measures a reset. The lab must be up, and no other run in progress.
    package func rehearse(_ completion: @escaping (Result<RehearsalResult, any Error>) -> Void) throws {
        guard run == nil else { throw LabError("a rehearsal is running already") }
        let sockets = try plan.connections.map { try makeProbeSockets(of: $0) }
        let flows = FlowIdentity.all(of: plan).map { identity in
            let ends = sockets[identity.connection]
            return ProbeEngine.Flow(
                source: identity.direction == .toGateway ? ends.site : ends.gateway, rate: plan.rehearsal.probeRate,
                // Both directions of a connection at once, the connections one after the other.
                phase: Double(identity.connection) / Double(plan.connections.count))
        }
        let watches = try thread.run(in: nodes[LabPlan.internet].namespace) {
            try (plan.usesIPv6 ? [ClearTextWatch.Version.v4, .v6] : [.v4]).map { try ClearTextWatch($0) }
        }
        let run = try RehearsalRun(
            self, sockets: sockets.flatMap { [$0.site, $0.gateway] }, flows: flows, clearTextWatches: watches
        ) { [unowned self] result in
            self.run = nil
            completion(result)
        }
        self.run = run
        try run.begin()
    }

    private func makeProbeSockets(of connection: ConnectionPlan) throws -> (site: ProbeSocket, gateway: ProbeSocket) {
        func socket(in node: Int, from address: IPAddress, to peer: IPAddress) throws -> ProbeSocket {
            try thread.run(in: nodes[node].namespace) {
                try ProbeSocket(from: address, to: peer, payload: plan.rehearsal.probePayload)
            }
        }
        let (site, gateway) = (connection.probes.site, connection.probes.gateway)
        return (
            try socket(in: connection.site, from: site, to: gateway),
            try socket(in: LabPlan.virtualNetwork, from: gateway, to: site)
        )
    }

    func requestReset() { driver.handle(.resetRequested) }

    /// Ends everything and removes it. Goes on whatever happens.
    ///
    /// - Returns: what could not be removed.
    package func tearDown() -> [any Error] {
        run?.abandon()
        run = nil
        driver.stop()
        exchanges.stop()
        let namespaces = nodes.map(\.namespace)
        nodes = []
        return Self.remove(namespaces, journal)
    }

    private static func remove(_ namespaces: [NetworkNamespace], _ journal: Journal?) -> [any Error] {
        var errors: [any Error] = []
        for namespace in namespaces.reversed() {
            guard let name = namespace.name else { continue }
            do {
                try NetworkNamespace.remove(named: name, identity: namespace.identity)
                try journal?.removed(name)
            } catch {
                errors.append(error)
            }
        }
        if errors.isEmpty { journal?.close() }
        return errors
    }

    /// The lab is not what the plan says any more: whoever waits for something is told.
    private func fail(_ error: any Error) {
        timeline.record("failed", plan.gateway.name, detail: "\(error)")
        driver.stop()
        if let waiting = whenSettled {
            whenSettled = nil
            waiting(.failure(error))
        }
        run?.fail(error)
    }

    private func checkSettled() {
        guard let waiting = whenSettled else { return }
        let (isSettled, up) = connectionsSettled
        report(Progress(phase: "connecting", done: Double(up), total: Double(plan.connections.count)))
        // Where waiting costs no time, the gateway is left to finish its announcements: none of them falls into the measured part.
        guard isSettled, !environment.isRepeatable || !driver.isAnnouncing else { return }
        whenSettled = nil
        waiting(.success(()))
    }

    private func installPolicies(_ security: TunnelSecurity, connection: Int, at node: Int) throws {
        var batch = XFRMBatch()
        for policy in security.policies { try batch.append(.addPolicy(policy)) }
        try apply(&batch, at: node)
    }

    private func apply(_ batch: inout XFRMBatch, at node: Int) throws {
        if let failure = try nodes[node].security?.apply(&batch).first { throw failure.error }
    }

    private func instance(_ instance: InstanceID) -> GatewayPlan.Instance { plan.gateway.instances[instance.rawValue] }
}

// MARK: - The gateway's actions

extension Laboratory: GatewayPerforming {
    func takeLinksDown(_ id: InstanceID) throws {
        let instance = instance(id)
        sampler.sampleGateway()
        try nodes[instance.node].network.apply([.setDown(instance.outside), .setDown(instance.inside)])
    }

    func bringLinksUp(_ id: InstanceID) throws {
        let instance = instance(id)
        let network = nodes[instance.node].network
        try network.apply([.setUp(instance.outside), .setUp(instance.inside)])
        try builder.restore(instance.node, on: network)
        sampler.sampleGateway()
    }

    func flushSecurity(_ id: InstanceID) throws { try securityLedger.flush(instance(id).node) }

    func applyConfiguration(_ id: InstanceID) throws {
        sampler.sampleGateway()
        var batch = XFRMBatch()
        for plan in plan.connections {
            for policy in TunnelSecurity(plan: plan, side: .gateway).policies { try batch.append(.addPolicy(policy)) }
        }
        try apply(&batch, at: instance(id).node)
    }

    func takeAddresses(_ id: InstanceID) throws {
        try nodes[instance(id).node].network.apply(gatewayAddresses(of: id).map { .addAddress($0) })
    }

    func releaseAddresses(_ id: InstanceID) throws {
        let failures = try nodes[instance(id).node].network.attempt(gatewayAddresses(of: id).map { .removeAddress($0) })
        // IPv6 addresses went with the links.
        for failure in failures where failure.error.errno != .addressNotAvailable { throw failure.error }
    }

    func announce(_ id: InstanceID) throws {
        let node = instance(id).node
        for assigned in gatewayAddresses(of: id) {
            guard let mac = plan.links.flatMap(\.ends).first(where: { $0.node == node && $0.interface == assigned.interface })?.mac else {
                throw LabError("\(instance(id).name) has no link \(assigned.interface)")
            }
            let announcement = AddressAnnouncement(assigned.address.address, at: mac, isRouter: true)
            try announcements[id.rawValue].send(announcement, on: assigned.interface)
        }
    }

    func beginKeyExchange(_ exchange: KeyExchangeID, from id: InstanceID) throws { exchanges.begin(exchange, from: id) }

    func abandonKeyExchange(_ exchange: KeyExchangeID) { exchanges.abandon(exchange) }

    func installSecurity(_ exchange: KeyExchangeID, at id: InstanceID) throws {
        guard let child = negotiated.removeValue(forKey: exchange) else {
            throw LabError("\(plan.connections[exchange.connection.rawValue].name): SAs are to be installed that were not agreed on")
        }
        let connection = exchange.connection.rawValue
        let security = TunnelSecurity(plan: plan.connections[connection], side: .gateway)
        try securityLedger.install(child, of: security, connection: connection, at: instance(id).node)
        sampler.sampleAfterInstallation(of: connection)
    }

    func report(_ event: GatewayEvent) {
        let connection = event.connection.map { plan.connections[$0.rawValue].name }
        let name = event.instance.map { instance($0).name }
        var detail: String? = connection == nil ? nil : name
        switch event {
        case .keyExchangeFailed(let exchange, _): detail = failures.removeValue(forKey: exchange)?.description
        case .announced(_, let repetition): detail = "\(repetition) of \(plan.timing.announcements.count)"
        case .resetRequested, .resetFinished: detail = name
        default: break
        }
        let subject = event.reset != nil ? plan.gateway.name : connection ?? name ?? plan.gateway.name
        timeline.record(event.kind, subject, detail: detail)
    }

    /// The VIPs outside, the next hops inside. A link-local next hop is on its link, everything else a host's address.
    private func gatewayAddresses(of id: InstanceID) -> [AssignedAddress] {
        let instance = instance(id)
        return plan.gateway.virtualAddresses.map { AssignedAddress(IPPrefix(host: $0), on: instance.outside) }
            + plan.gateway.insideNextHops.map { AssignedAddress(IPPrefix(host: $0), on: instance.inside) }
    }
}
