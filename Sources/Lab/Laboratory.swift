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

/// A lab that stands: its nodes, the gateway that runs in them, and the tunnels between both ends of its connections.
///
/// Made by building the network; `bringUp` starts gateway and sites, `rehearse` measures, `begin` does something to it, `tearDown` removes
/// everything.
package final class Laboratory {
    private(set) var plan: LabPlan
    let loop: EventLoop
    let environment: LabEnvironment
    package let timeline = Timeline()
    let report: (Progress) -> Void
    package var nodes: [LabNode] { stands.nodes }
    /// What others that need the nodes hold too: a lab may get more of them.
    private final class Nodes {
        var nodes: [LabNode] = []
    }
    private let stands = Nodes()
    let securityLedger: SecurityLedger
    let sampler: CounterSampler
    let thread: NamespaceThread
    private(set) var builder: LabBuilder
    let tunnels: TunnelDriver
    let links: LinkControl
    let synchroniser: StateSynchroniser
    let notices: KernelNotices
    /// By instance.
    let announcements: [AnnouncementSocket]
    private(set) var driver: GatewayDriver!
    /// How many announcements are still to be left out.
    var announcementsToDrop = 0
    /// The instances that have their policies.
    var configured: Set<InstanceID> = []
    /// Connections that were reset and are not up again.
    var resetting: Set<Int> = []
    /// By connection: the pairs of prefixes that the gateway protected before it was configured otherwise.
    var withheld: [Int: [ConnectionPlan.Selectors]] = [:]
    /// By connection: the tunnel that a site's traffic leaves by.
    var steered: [Int]
    /// What the instance that went away last knew of its tunnels: the configuration that `same-spi` reinstalls.
    var lastKnown: [TunnelEndID: TunnelEnd] = [:]

    private let journal: Journal?
    private var whenSettled: ((Result<Void, any Error>) -> Void)?
    private var services: NodeServices?
    /// How many tunnels had come up or failed, and when the last of them did (CLOCK_MONOTONIC).
    private var lastProgress: (done: Int, at: Int64) = (0, 0)
    /// The run in progress, if one is.
    var run: RehearsalRun?
    /// The probes of a lab that people work in.
    var watch: LabWatch?

    /// Builds the plan's network. When that fails, what was made is removed again.
    package init(plan: LabPlan, loop: EventLoop, environment: LabEnvironment, report: @escaping (Progress) -> Void) throws {
        self.plan = plan
        self.loop = loop
        self.environment = environment
        self.report = report
        steered = plan.connections.map(\.preferredTunnel)
        if environment.isShared {
            _ = try Journal.cleanUp()
            try NeighbourTables.checkRoom(for: plan)
        }
        // Each node takes about a dozen descriptors.
        try ResourceLimits.raiseOpenFiles(to: UInt64(plan.nodes.count * 18 + 1_024))
        let journal = try environment.isShared ? Journal() : nil
        let thread = try NamespaceThread()
        let builder = LabBuilder(plan: plan, thread: thread, journal: journal, report: report)
        let random: any RandomSource =
            environment.isRepeatable ? SeededRandom(seed: plan.seed, label: "key exchanges") : KernelRandom()

        var nodes: [LabNode] = []
        do {
            try builder.build(after: []) { nodes.append($0) }
            announcements = try plan.gateway.instances.map { try AnnouncementSocket(in: nodes[$0.node].namespace, on: thread) }
            let stands = stands
            stands.nodes = nodes
            let securityLedger = SecurityLedger(now: { loop.now }, socket: { stands.nodes[$0].security! })
            let tunnels = TunnelDriver(plan: plan, loop: loop, ledger: securityLedger, random: random)
            try thread.run {
                for (index, node) in nodes.enumerated() where node.node.kind.hasSecurity {
                    try thread.run(in: node.namespace) { try tunnels.openSockets(of: index) }
                }
            }
            let notices = KernelNotices(plan: plan, loop: loop)
            for node in [LabPlan.internet, LabPlan.virtualNetwork] {
                try thread.run(in: nodes[node].namespace) { try notices.openSocket(of: node) }
            }
            self.securityLedger = securityLedger
            self.tunnels = tunnels
            self.notices = notices
        } catch {
            _ = Journal.remove(nodes.map(\.namespace), journal)
            throw error
        }
        self.journal = journal
        self.thread = thread
        self.builder = builder
        links = LinkControl(plan: plan, loop: loop) { [stands] in stands.nodes[$0].network }
        sampler = CounterSampler(plan: plan, nodes: stands.nodes, loop: loop)
        var failed: ((any Error) -> Void)?
        synchroniser = StateSynchroniser(
            plan: plan, loop: loop, ledger: securityLedger, socket: { [stands] in stands.nodes[$0].security! }, failed: { failed?($0) })
        failed = { [unowned self] in fail($0) }
        connectDrivers()
    }

    private func connectDrivers() {
        driver = GatewayDriver(plan: plan, loop: loop, performer: self) { [unowned self] in fail($0) }
        driver.changed = { [unowned self] in checkSettled() }
        tunnels.told = { [unowned self] in tunnelTold($0, $1, at: $2) }
        tunnels.settled = { [unowned self] in driver.handle(.tunnelsSettled($0)) }
        tunnels.changed = { [unowned self] in checkSettled() }
        tunnels.failed = { [unowned self] in fail($0) }
        tunnels.associationAdded = { [unowned self] in notices.associationAdded($0, at: $1) }
        notices.failed = { [unowned self] in fail($0) }
        links.told = { [unowned self] kind, link, detail in timeline.record(kind, plan.linkName(link), detail: detail) }
        links.sample = { [unowned self] in sampler.sampleQueues(of: $0) }
        links.failed = { [unowned self] in fail($0) }
        timeline.follower = { [unowned self] in run?.happened($0) }
        sampler.isCut = { [unowned self] in links.isCut(node: $0, interface: $1) }
    }

    // MARK: - Coming up

    /// How long nothing may come up or fail before the rest is not waited for: a third repetition's time. It may still come up later.
    private static let longestWait = Duration.seconds(30)

    /// Installs the sites' policies, starts gateway and sites, and waits until every tunnel is up or has failed, or nothing moves any more.
    package func bringUp(_ completion: @escaping (Result<Void, any Error>) -> Void) throws {
        for (connection, tunnel) in zip(plan.connections, steered) {
            try addSitePolicies(of: connection, tunnel: tunnel)
        }
        try tunnels.listen()
        try notices.listen()
        whenSettled = completion
        driver.handle(.start)
        tunnels.startSites()
        endSettling(at: loop.now + Self.longestWait.nanoseconds)
    }

    private static let progressReports = 50

    private func endSettling(at time: Int64) {
        loop.timer(at: time) { [weak self] in
            guard let self, whenSettled != nil else { return }
            let end = lastProgress.at + Self.longestWait.nanoseconds
            if end > loop.now { endSettling(at: end) } else { settle() }
        }
    }

    private func checkSettled() {
        guard whenSettled != nil else { return }
        let (done, all) = tunnels.progress
        if done > lastProgress.done {
            // Each costs a message: of many tunnels a few show that it goes on.
            let steps = min(all, Self.progressReports)
            if steps * done / all > steps * lastProgress.done / all {
                report(Progress(phase: "connecting", done: Double(done), total: Double(all)))
            }
            lastProgress = (done, loop.now)
        }
        if done == all { settle() }
    }

    private func settle() {
        // Where waiting costs no time, the gateway is left to finish its announcements: none of them falls into the measured part.
        guard !environment.isRepeatable || !driver.isAnnouncing, let waiting = whenSettled else { return }
        whenSettled = nil
        waiting(.success(()))
    }

    /// Another plan for the same lab, with what it has more built by this builder.
    func adopt(_ extended: LabPlan, builder: LabBuilder) {
        plan = extended
        links.plan = extended
        notices.plan = extended
        self.builder = builder
    }

    func add(_ node: LabNode) { stands.nodes.append(node) }

    // MARK: - Measuring

    /// Measures the plan's rehearsal. The lab must be up, and no other run in progress.
    package func rehearse(_ completion: @escaping (Result<RehearsalResult, any Error>) -> Void) throws {
        guard run == nil, watch == nil else { throw LabError("the lab is measured already") }
        try AvailableMemory.check(plan)
        let probes = try makeProbes(duration: plan.rehearsal.duration)
        let watches = try thread.run(in: nodes[LabPlan.internet].namespace) {
            try (plan.usesIPv6 ? [ClearTextWatch.Version.v4, .v6] : [.v4]).map { try ClearTextWatch($0) }
        }
        let run = try RehearsalRun(self, engine: probes, clearTextWatches: watches) { [unowned self] result in
            self.run = nil
            completion(result)
        }
        self.run = run
        try run.begin()
    }

    private static let connectionsAtOnce = 4

    /// Probes in both directions of every connection.
    ///
    /// - Parameter duration: nil for ones that run until they are ended.
    func makeProbes(duration: Duration?) throws -> ProbeEngine {
        let sockets = try plan.connections.map { try makeProbeSockets(of: $0) }
        let flows = FlowIdentity.all(of: plan).map { identity in
            let ends = sockets[identity.connection]
            return ProbeEngine.Flow(
                source: identity.direction == .toGateway ? ends.site : ends.gateway, rate: plan.rehearsal.probeRate,
                // Both directions of a few connections at once, the others one group after the other: in virtual time every instant at which
                // something happens costs a wake-up, and in any time a burst of all would queue.
                phase: Double(identity.connection / Self.connectionsAtOnce * Self.connectionsAtOnce) / Double(plan.connections.count))
        }
        return try ProbeEngine(
            loop: loop, flows: flows, receivers: sockets.flatMap { [$0.site, $0.gateway] }, duration: duration,
            goesFirst: environment.isShared)
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

    // MARK: - Ending

    /// Ends everything and removes it. Goes on whatever happens.
    ///
    /// - Returns: what could not be removed.
    package func tearDown() -> [any Error] {
        run?.abandon()
        run = nil
        watch?.end()
        watch = nil
        services?.endAll()
        services = nil
        driver.stop()
        tunnels.stop()
        notices.stop()
        links.stop()
        synchroniser.stop()
        let namespaces = nodes.map(\.namespace)
        // Before the names go: the kernel lets go of a socket a grace period after it is closed, and a namespace ends with its last one.
        sampler.adopt(plan, nodes: [])
        stands.nodes = []
        return Journal.remove(namespaces, journal)
    }

    /// The lab is not what the plan says any more: whoever waits for something is told.
    func fail(_ error: any Error) {
        timeline.record("failed", plan.gateway.name, detail: "\(error)")
        driver.stop()
        if let waiting = whenSettled {
            whenSettled = nil
            waiting(.failure(error))
        }
        run?.fail(error)
        watch?.fail(error)
    }

    /// Programs and captures in the nodes; what they say is sent as it comes.
    func services(send: @escaping (AgentMessage) -> Void) -> NodeServices {
        if let services { return services }
        let made = NodeServices(
            loop: loop, thread: thread, namespace: { [unowned self] in nodes.indices.contains($0) ? nodes[$0].namespace : nil }, send: send)
        services = made
        return made
    }

    /// The site's policies of a connection: those of the tunnel that traffic leaves by.
    func addSitePolicies(of connection: ConnectionPlan, tunnel: Int) throws {
        var batch = XFRMBatch()
        for policy in TunnelSecurity(plan: connection, tunnel: tunnel, side: .site).policies { try batch.add(policy) }
        try apply(&batch, at: connection.site)
    }

    func apply(_ batch: inout XFRMBatch, at node: Int) throws {
        if let failure = try nodes[node].security?.apply(&batch).first { throw failure.error }
    }
}
