import Addressing
import EventLoop
import Gateway
import KeyExchange
import LabPlan
import LinuxKernel
import XFRM

/// Runs both ends of every tunnel: their state machines (`TunnelEnd`), sockets on port 500 of every gateway instance and site, their timers, and
/// what the kernel tells of their SAs.
///
/// A site's ends run from the start on. The gateway's run at the instance that holds the tunnel's address, and are forgotten with it.
final class TunnelDriver {
    /// One end as it runs.
    private final class End {
        let id: TunnelEndID
        let node: Int
        let security: TunnelSecurity
        var machine: TunnelEnd
        var timers: [TunnelTimer: EventLoop.Timer] = [:]
        /// CLOCK_MONOTONIC; nil while it is down.
        var upSince: Int64?

        init(_ id: TunnelEndID, node: Int, security: TunnelSecurity, machine: TunnelEnd) {
            self.id = id
            self.node = node
            self.security = security
            self.machine = machine
        }

        var isUp: Bool { if case .up = machine.state { true } else { false } }
    }

    /// How a datagram finds its end.
    private struct Route: Hashable {
        let node: Int
        let local: IPAddress
        let remote: IPAddress
    }

    /// What an end tells, as it happens.
    var told: ((TunnelEndID, TunnelEvent, _ node: Int) -> Void)?
    /// The kernel has told of an SA that was added.
    var associationAdded: ((TunnelEndID, _ node: Int) -> Void)?
    /// Every tunnel of an instance is up, or has failed once since it was started.
    var settled: ((InstanceID) -> Void)?
    /// Called after anything has changed.
    var changed: (() -> Void)?
    /// Something could not be installed: the lab is not what the plan says any more.
    var failed: ((any Error) -> Void)?

    private var plan: LabPlan
    private let loop: EventLoop
    private let ledger: SecurityLedger
    private var random: any RandomSource
    private var ends: [TunnelEndID: End] = [:]
    private var routes: [Route: TunnelEndID] = [:]
    /// By node, of the gateway's instances whose ends run.
    private var queues: [Int: ExchangeQueue<TunnelEndID>] = [:]
    private var isAdmitting = false
    /// Of each instance that was started: the ends that are not up and have not failed yet.
    private var unsettled: [InstanceID: Set<TunnelEndID>] = [:]
    /// The tunnels that never were up at both ends, and have not failed.
    private var pending: Set<TunnelID> = []
    private var tunnelCount: Int
    private var holding: Set<Int>
    /// By node and family.
    private var sockets: [Int: [IPAddress.Family: KeyExchangeSocket]] = [:]
    private var events: [Int: XFRMEventSocket] = [:]
    private var watches: [EventLoop.Watch] = []

    /// How long a site leaves the first word to the gateway where both may begin.
    private static let siteYield = Duration.seconds(2)

    init(plan: LabPlan, loop: EventLoop, ledger: SecurityLedger, random: any RandomSource) {
        self.plan = plan
        self.loop = loop
        self.ledger = ledger
        self.random = random
        tunnelCount = plan.connections.reduce(0) { $0 + $1.tunnels.count }
        holding = Self.holding(in: plan)
        pending = Set(allTunnels)
    }

    // MARK: - Sockets

    /// Opens a node's sockets. To be called in the node's namespace.
    func openSockets(of node: Int) throws {
        for family in plan.usesIPv6 ? [IPAddress.Family.v4, .v6] : [.v4] {
            sockets[node, default: [:]][family] = try KeyExchangeSocket(family: family)
        }
        // A listener for acquisitions changes what the kernel does with a packet that finds no SA: it is there only where it is needed.
        events[node] = try XFRMEventSocket([.expirations, .associations] + (wantsAcquisitions(node) ? [.acquisitions] : []))
    }

    private func wantsAcquisitions(_ node: Int) -> Bool { holding.contains(node) }

    /// The nodes with an end that begins anew when traffic asks for it.
    private static func holding(in plan: LabPlan) -> Set<Int> {
        func holds(_ side: ConnectionPlan.Side) -> Bool { side.deadPeerDetection?.action == .hold }
        let sites = plan.connections.filter { holds($0.siteSide) }.map(\.site)
        return Set(sites + (plan.connections.contains { holds($0.gatewaySide) } ? plan.gateway.instances.map(\.node) : []))
    }

    /// Begins to listen on every socket opened.
    func listen() throws {
        for node in sockets.keys.sorted() { try listenForDatagrams(at: node) }
        for node in events.keys.sorted() { try listenForEvents(at: node) }
    }

    /// Begins to listen on the sockets of one node.
    func listen(at node: Int) throws {
        try listenForDatagrams(at: node)
        try listenForEvents(at: node)
    }

    private func listenForDatagrams(at node: Int) throws {
        for (_, socket) in (sockets[node] ?? [:]).sorted(by: { $0.key < $1.key }) {
            watches.append(
                try loop.watch(socket.fileDescriptor) { [unowned self] _ in
                    socket.receive { self.received($0, at: node) }
                })
        }
    }

    private func listenForEvents(at node: Int) throws {
        guard let socket = events[node] else { return }
        watches.append(try loop.watch(socket.fileDescriptor) { [unowned self] _ in receiveEvents(socket, of: node) })
    }

    func stop() {
        for watch in watches { loop.cancel(watch) }
        watches = []
        for end in ends.values { cancelTimers(of: end) }
        ends = [:]
        routes = [:]
        queues = [:]
        sockets = [:]
        events = [:]
    }

    // MARK: - Starting and forgetting

    func startSites() {
        for id in allTunnels.map({ TunnelEndID(tunnel: $0, side: .site) }) {
            start(makeEnd(id, node: plan.connections[id.tunnel.connection].site), with: .start)
        }
    }

    /// The plan has got more connections at its end; their ends are started by `start(connections:at:)`.
    func adopt(_ extended: LabPlan) {
        pending.formUnion(
            extended.connections.indices.dropFirst(plan.connections.count).flatMap { connection in
                extended.connections[connection].tunnels.indices.map { TunnelID(connection: connection, tunnel: $0) }
            })
        plan = extended
        tunnelCount = plan.connections.reduce(0) { $0 + $1.tunnels.count }
        holding = Self.holding(in: plan)
    }

    /// Starts both ends of added connections, the gateway's at the instances that are active.
    func start(connections: Range<Int>, at instances: [InstanceID]) {
        let added = allTunnels.filter { connections.contains($0.connection) }
        for tunnel in added {
            start(makeEnd(TunnelEndID(tunnel: tunnel, side: .site), node: plan.connections[tunnel.connection].site), with: .start)
        }
        startGateway(connections: connections, at: instances)
    }

    private func startGateway(connections: Range<Int>, at instances: [InstanceID]) {
        for instance in instances {
            let node = plan.gateway.instances[instance.rawValue].node
            for tunnel in tunnels(of: instance) where connections.contains(tunnel.connection) {
                start(makeEnd(TunnelEndID(tunnel: tunnel, side: .gateway), node: node), with: .start)
            }
        }
    }

    /// Starts the gateway's end of every tunnel that is the instance's.
    func start(_ instance: InstanceID) { resume([:], at: instance) }

    /// Goes on, at another instance, with ends whose SAs are there; those that were not up begin anew.
    func resume(_ machines: [TunnelEndID: TunnelEnd], at instance: InstanceID) {
        let node = plan.gateway.instances[instance.rawValue].node
        let tunnels = tunnels(of: instance)
        unsettled[instance] = Set(tunnels.map { TunnelEndID(tunnel: $0, side: .gateway) })
        queues[node] = ExchangeQueue(limit: plan.gateway.maxConcurrentExchanges)
        for tunnel in tunnels {
            let id = TunnelEndID(tunnel: tunnel, side: .gateway)
            if let machine = machines[id], case .up = machine.state {
                let end = makeEnd(id, node: node, machine: machine)
                end.upSince = loop.now
                start(end, with: .resumed)
            } else {
                start(makeEnd(id, node: node), with: .start)
            }
        }
    }

    /// The instance is away: its ends send nothing more. Their SAs are removed by whoever flushes the node.
    func forget(_ instance: InstanceID) {
        unsettled[instance] = nil
        // First: nobody has a turn any more.
        queues[plan.gateway.instances[instance.rawValue].node] = nil
        for end in ends(at: instance) {
            handle(end, .forget)
            remove(end)
        }
    }

    private func remove(_ end: End) {
        cancelTimers(of: end)
        queues[end.node]?.note(end.id, isExchanging: false, isWaiting: false)
        ends[end.id] = nil
        routes[route(of: end)] = nil
    }

    /// The machines of an instance's ends, as they are now.
    func machines(at instance: InstanceID) -> [TunnelEndID: TunnelEnd] {
        Dictionary(uniqueKeysWithValues: ends(at: instance).map { ($0.id, $0.machine) })
    }

    private func makeEnd(_ id: TunnelEndID, node: Int, machine: TunnelEnd? = nil) -> End {
        let connection = plan.connections[id.tunnel.connection]
        let side = id.side == .site ? connection.siteSide : connection.gatewaySide
        let settings = TunnelEnd.Settings(
            mode: side.mode, deadPeerDetection: side.deadPeerDetection, retransmission: plan.timing.keyExchange,
            yield: id.side == .site ? Self.siteYield : .zero)
        let configuration = ConnectionEnd(connection, tunnel: id.tunnel.tunnel, side: id.side)
        return End(
            id, node: node, security: TunnelSecurity(plan: connection, tunnel: id.tunnel.tunnel, side: id.side),
            machine: machine ?? TunnelEnd(connection: configuration, settings: settings))
    }

    private func start(_ end: End, with input: TunnelInput) {
        ends[end.id] = end
        routes[route(of: end)] = end.id
        handle(end, input)
    }

    private func route(of end: End) -> Route {
        Route(node: end.node, local: end.machine.connection.localAddress, remote: end.machine.connection.remoteAddress)
    }

    private var allTunnels: [TunnelID] {
        plan.connections.indices.flatMap { connection in
            plan.connections[connection].tunnels.indices.map { TunnelID(connection: connection, tunnel: $0) }
        }
    }

    private func tunnels(of instance: InstanceID) -> [TunnelID] {
        allTunnels.filter { tunnel in
            let connection = plan.connections[tunnel.connection]
            return connection.existsAtGateway && connection.tunnels[tunnel.tunnel].instance.map { $0 == instance.rawValue } ?? true
        }
    }

    private func ends(at instance: InstanceID) -> [End] {
        let node = plan.gateway.instances[instance.rawValue].node
        return ends.values.filter { $0.node == node }.sorted { $0.id < $1.id }
    }

    // MARK: - From outside

    /// Removes a connection's SAs at both ends and agrees on new ones. The gateway begins, or tells the site to.
    func reset(_ connection: Int) {
        for tunnel in plan.connections[connection].tunnels.indices {
            let id = TunnelID(connection: connection, tunnel: tunnel)
            if let end = ends[TunnelEndID(tunnel: id, side: .gateway)] { handle(end, .reset) }
        }
    }

    /// Ends the gateway's ends of a connection: their peer is told, and their SAs are removed.
    func close(connection: Int) {
        for tunnel in plan.connections[connection].tunnels.indices {
            guard let end = ends[TunnelEndID(tunnel: TunnelID(connection: connection, tunnel: tunnel), side: .gateway)] else { continue }
            handle(end, .close)
            remove(end)
        }
    }

    /// Starts the gateway's ends of a connection whose configuration is another one than it was; none when it is deleted.
    func open(_ changed: ConnectionPlan, as index: Int, at instances: [InstanceID]) {
        plan.connections[index] = changed
        if changed.existsAtGateway { return startGateway(connections: index..<(index + 1), at: instances) }
        // Nobody waits any more for what is not begun.
        let gone = changed.tunnels.indices.map { TunnelID(connection: index, tunnel: $0) }
        pending.subtract(gone)
        for instance in InstanceID.allCases { settle(gone.map { TunnelEndID(tunnel: $0, side: .gateway) }, at: instance) }
    }

    private func received(_ datagram: KeyExchangeSocket.Datagram, at node: Int) {
        let route = Route(node: node, local: datagram.destination, remote: datagram.source)
        guard let end = routes[route].flatMap({ ends[$0] }) else { return }
        handle(end, .datagram(datagram.bytes, from: datagram.source))
    }

    private func receiveEvents(_ socket: XFRMEventSocket, of node: Int) {
        do {
            while true {
                let received = try socket.receiveEvents()
                if received.isEmpty { return }
                for event in received { handle(event, at: node) }
            }
        } catch {
            failed?(error)
        }
    }

    private func handle(_ event: XFRMEvent, at node: Int) {
        switch event {
        case .added(let installed):
            if let owner = ledger.owner(of: installed.association.id, at: node) { associationAdded?(owner.end, node) }
        case .expired(let id, let isHard, let packets):
            let owner = ledger.owner(of: id, at: node)
            if isHard { ledger.expired(id, at: node, packets: packets) }
            guard let owner, let end = ends[owner.end] else { return }
            handle(end, isHard ? .expired(inbound: owner.pair) : .expiring(inbound: owner.pair))
        case .acquire(let acquire):
            let asking = ends.values.filter { end in
                end.node == node && plan.connections[end.id.tunnel.connection].requestID == acquire.requestID
                    && end.machine.connection.remoteAddress == acquire.destination
            }
            for end in asking { handle(end, .trafficWaiting) }
        default: break
        }
    }

    // MARK: - The machines

    private func handle(_ end: End, _ input: TunnelInput) {
        end.machine.isAdmitted = queues[end.node]?.admits(end.id) ?? true
        let outputs = end.machine.handle(input, random: &random)
        do {
            for output in outputs { try perform(output, for: end) }
        } catch {
            failed?(error)
        }
        note(end)
        changed?()
        // An end that was removed, or is about to be, is nobody whose turn it could be.
        guard queues[end.node] != nil else { return }
        queues[end.node]?.note(end.id, isExchanging: end.machine.isExchanging, isWaiting: end.machine.isAwaitingAdmission)
        admitWaiting(at: end.node)
    }

    /// Has ends begin that waited for their turn, as many as there is room for.
    private func admitWaiting(at node: Int) {
        guard !isAdmitting else { return }
        isAdmitting = true
        defer { isAdmitting = false }
        while let next = queues[node]?.next() {
            if let end = ends[next] { handle(end, .admitted) }
        }
    }

    private func perform(_ output: TunnelOutput, for end: End) throws {
        switch output {
        case .send(let bytes):
            let (local, remote) = (end.machine.connection.localAddress, end.machine.connection.remoteAddress)
            sockets[end.node]?[local.family]?.send(bytes, from: local, to: remote)
        case .startTimer(let timer, let duration):
            end.timers.removeValue(forKey: timer).map(loop.cancel)
            end.timers[timer] = loop.timer(after: duration) { [unowned self, unowned end] in fired(timer, of: end) }
        case .cancelTimer(let timer):
            end.timers.removeValue(forKey: timer).map(loop.cancel)
        case .install(let child, let halves):
            try ledger.install(child, halves, of: end.security, at: end.id, node: end.node)
        case .remove(let child, let halves):
            try ledger.remove(child, halves, at: end.id)
        case .event(let event):
            if case .established = event { end.upSince = loop.now }
            if !end.isUp { end.upSince = nil }
            told?(end.id, event, end.node)
        }
    }

    private func fired(_ timer: TunnelTimer, of end: End) {
        end.timers[timer] = nil
        guard case .liveness = timer.purpose else { return handle(end, .timerFired(timer)) }
        do {
            handle(end, .livenessDue(timer, opened: try ledger.carried(end.id).opened))
        } catch {
            failed?(error)
        }
    }

    private func cancelTimers(of end: End) {
        for timer in end.timers.values { loop.cancel(timer) }
        end.timers = [:]
    }

    /// Takes an end off the lists of what is waited for, once it is up or has failed.
    private func note(_ end: End) {
        let hasFailed = end.machine.lastFailure != nil
        guard end.isUp || hasFailed else { return }
        let peer = TunnelEndID(tunnel: end.id.tunnel, side: end.id.side == .site ? .gateway : .site)
        if hasFailed || ends[peer]?.isUp ?? false { pending.remove(end.id.tunnel) }
        for instance in unsettled.keys { settle([end.id], at: instance) }
    }

    /// Waits no more for these ends at an instance.
    private func settle(_ ends: [TunnelEndID], at instance: InstanceID) {
        // In place: each of many ends would copy all others' otherwise.
        var isAny = false
        for end in ends where unsettled[instance]?.remove(end) != nil { isAny = true }
        guard isAny, unsettled[instance]?.isEmpty ?? false else { return }
        unsettled[instance] = nil
        // From the loop: this may be deep inside of what the gateway asked for.
        loop.timer(at: loop.now) { [weak self] in self?.settled?(instance) }
    }

    // MARK: - What there is

    /// What is known of one end.
    struct Status {
        var node: Int
        var state: TunnelEnd.State
        /// CLOCK_MONOTONIC.
        var upSince: Int64?
        var failure: KeyExchangeFailure?

        var isUp: Bool { if case .up = state { true } else { false } }
    }

    /// nil for a gateway's end while no instance holds its address.
    func status(of id: TunnelEndID) -> Status? {
        ends[id].map { Status(node: $0.node, state: $0.machine.state, upSince: $0.upSince, failure: $0.machine.lastFailure) }
    }

    /// How many tunnels were up at both ends by now or have failed, and how many there are.
    var progress: (done: Int, all: Int) { (tunnelCount - pending.count, tunnelCount) }
}
