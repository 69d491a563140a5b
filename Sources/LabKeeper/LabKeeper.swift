import AgentProtocol
import AgentSession
import EventLoop
import Glibc
import LabPlan
import LinuxKernel
import Measurement
import Preflight

/// Keeps one lab standing and lets any number of clients work in it.
///
///     resetlab status ──┐                                       ┌── namespaces
///     resetlab exec … ──┼── control.sock ── keeper ── stream ── agent
///     resetlab reset … ─┘                                       └── (host or guest)
///
/// The lab is its keeper's: it stands while the keeper lives. An agent ends with its stream, a guest with its parent, so a killed keeper leaves
/// nothing standing.
public final class LabKeeper {
    public struct Configuration {
        public var plan: LabPlan
        public var backend: LabDescription.Backend
        public var version: String
        public var folder: LabFolder
        public var lock: LabLock
        public var health: HealthFile
        /// What the user wrote, without its secrets.
        public var topology: String
        /// How long the agent may take until its first word.
        public var startDeadline: Duration
        /// How long the agent may take to remove the lab before it is ended anyway.
        public var endDeadline: Duration

        public init(
            plan: LabPlan, backend: LabDescription.Backend, version: String, folder: LabFolder, lock: LabLock, health: HealthFile,
            topology: String, startDeadline: Duration, endDeadline: Duration = .seconds(30)
        ) {
            self.plan = plan
            self.backend = backend
            self.version = version
            self.folder = folder
            self.lock = lock
            self.health = health
            self.topology = topology
            self.startDeadline = startDeadline
            self.endDeadline = endDeadline
        }
    }

    /// What whoever started it is told.
    public struct Listener {
        public var progress: (Progress) -> Void
        /// Called once, when the lab stands and clients can come.
        public var standing: (LabDescription) -> Void
        /// Called when the agent has ended, before clients are told that nothing is left.
        public var agentEnded: () -> Void
        /// For the log.
        public var note: (String) -> Void

        public init(
            progress: @escaping (Progress) -> Void = { _ in }, standing: @escaping (LabDescription) -> Void = { _ in },
            agentEnded: @escaping () -> Void = {}, note: @escaping (String) -> Void = { _ in }
        ) {
            self.progress = progress
            self.standing = standing
            self.agentEnded = agentEnded
            self.note = note
        }
    }

    /// Whose request it was that the agent has.
    private struct Route {
        let client: KeptClient
        let id: Int
        /// A program or a capture, which ends with its client.
        let lastsWithClient: Bool
    }

    private enum Phase {
        case starting
        case standing
        case ending
        case over
    }

    private let agent: any RunningAgent
    private let loop: EventLoop
    private var configuration: Configuration
    private let listener: Listener
    private var link: AgentLink?
    private var phase = Phase.starting
    private var failure: AgentFailure?
    private var description: LabDescription?
    private var kernel = ""

    private var nextRequest = 1
    /// The keeper's own requests, and what to do with their answers.
    private var own: [Int: (AgentMessage.Answer) -> Void] = [:]
    private var routes: [Int: Route] = [:]
    private var clients: [KeptClient] = []
    private var acceptWatch: EventLoop.Watch?
    private var heartbeat: EventLoop.Timer?
    private var heartbeatIsAnswered = true
    /// Whoever asked for the end.
    private var endRequests: [(client: KeptClient, id: Int)] = []

    private var events = EventLog()
    private var clock = ClockOffset()
    private var health: HealthHistory
    private var scrubber: Scrubber

    /// Requests that wait for the agent up to this many bytes; beyond, clients wait with sending.
    private static let largestQueue = 4 << 20
    /// Asked when nothing else is, so that a silent agent is noticed.
    private static let heartbeatInterval = Duration.seconds(60)
    /// How long connections may take to come up before the health history says that one has not.
    private static let firstConnection = Duration.seconds(30)

    public init(agent: any RunningAgent, loop: EventLoop, configuration: Configuration, listener: Listener = Listener()) {
        self.agent = agent
        self.loop = loop
        self.configuration = configuration
        self.listener = listener
        health = HealthHistory(plan: configuration.plan)
        scrubber = Scrubber(plan: configuration.plan)
    }

    /// Builds the lab and keeps it until it is taken down. However it ends, the agent has ended and the lab's folder is gone when this returns.
    ///
    /// - Throws: `AgentFailure` when the lab could not be built, or has ended by itself.
    public func run() throws {
        let link = AgentLink(
            agent: agent, loop: loop, received: { [unowned self] in handle($0) }, failed: { [unowned self] in fail($0) })
        self.link = link
        var listening: Int32 = -1
        defer {
            // The last clients hear of the end when all of it is done.
            phase = .over
            acceptWatch.map(loop.cancel)
            if listening >= 0 { close(listening) }
            heartbeat.map(loop.cancel)
            link.close()
            listener.agentEnded()
            if description != nil { recordHealth(endEntries()) }
            configuration.folder.remove(configuration.lock)
            dismissClients()
            self.link = nil
        }
        try link.open(startDeadline: configuration.startDeadline)
        ask(.build(configuration.plan)) { [unowned self] _ in
            ask(.watch) { [unowned self] _ in
                do {
                    listening = try stand()
                } catch {
                    fail(.refused(.init(kind: .failed, message: "\(error)")))
                }
            }
        }
        try loop.run()
        if let failure { throw failure }
    }

    /// Takes the lab down, in order; `run` returns when that is done.
    ///
    /// - Parameter failure: what `run` then throws; nil for an end that was asked for.
    public func takeDown(because failure: AgentFailure? = nil) {
        guard phase == .starting || phase == .standing else { return }
        self.failure = failure
        let isBuilt = phase == .standing
        phase = .ending
        // An agent that still builds serves no request: the end of its stream ends it, and takes down what there is.
        guard isBuilt else { return loop.stop() }
        listener.note("taking the lab down")
        ask(.shutDown) { [unowned self] _ in loop.stop() }
        loop.timer(after: configuration.endDeadline) { [unowned self] in
            listener.note("the agent has not taken the lab down in time; it is ended")
            loop.stop()
        }
    }

    // MARK: - The agent

    /// Asks for the keeper itself. A refusal ends the lab.
    private func ask(_ operation: AgentRequest.Operation, then handle: @escaping (AgentMessage.Answer) -> Void) {
        let id = takeNumber()
        own[id] = handle
        send(AgentRequest(id: id, operation: operation))
    }

    private func takeNumber() -> Int {
        defer { nextRequest += 1 }
        return nextRequest
    }

    private func send(_ request: AgentRequest) {
        do {
            try link?.send(request)
        } catch {
            fail(.notUnderstood("a request cannot be written: \(error)"))
        }
        guard let link, link.pending > Self.largestQueue else { return }
        for client in clients { client.stream.isPaused = true }
        link.drained = { [unowned self] in
            for client in clients { client.stream.isPaused = false }
        }
    }

    private func handle(_ message: AgentMessage) {
        switch message {
        case .hello(let hello): kernel = hello.kernel
        case .progress(let progress):
            if phase == .starting { listener.progress(progress) }
            let waiting = clients.filter { client in routes.values.contains { $0.client === client } }
            for client in waiting { tell(client, .agent(message)) }
        case .event(let event): record(event)
        case .output(let id, let output):
            if let route = routes[id] { tell(route.client, .agent(.output(id: route.id, output))) }
        case .captured(let id, let packets):
            if let route = routes[id] { tell(route.client, .agent(.captured(id: route.id, packets))) }
        case .answer(let id, let answer):
            if let handle = own.removeValue(forKey: id) {
                if case .failed(let refusal) = answer, phase == .starting { return fail(.refused(refusal)) }
                handle(answer)
            } else if let route = routes.removeValue(forKey: id) {
                tell(route.client, .agent(.answer(id: route.id, onThisClock(answer))))
            }
        }
    }

    private func fail(_ failure: AgentFailure) {
        // On its way down nobody minds how it ends.
        if phase != .ending { self.failure = failure }
        if phase == .standing { listener.note("the lab has ended: \(failure)") }
        loop.stop()
    }

    private func beat() {
        heartbeat = loop.timer(after: Self.heartbeatInterval) { [unowned self] in
            if heartbeatIsAnswered {
                heartbeatIsAnswered = false
                ask(.status) { [unowned self] _ in heartbeatIsAnswered = true }
            }
            beat()
        }
    }

    // MARK: - Standing

    /// - Returns: the listening socket, which is open until the end.
    private func stand() throws -> Int32 {
        let folder = configuration.folder
        let description = LabDescription(
            backend: configuration.backend, kernel: kernel, version: configuration.version, pid: getpid(),
            startedAt: SystemClock.realtime.nanoseconds, plan: configuration.plan)
        let socket = try ControlSocket.listen(in: folder).release()
        acceptWatch = try loop.watch(socket) { [unowned self] _ in accept(from: socket) }
        try LabFolder.write(configuration.topology.utf8, to: folder.topology)
        try folder.write(description)
        self.description = description
        phase = .standing
        recordHealth(startEntries())
        loop.timer(after: Self.firstConnection) { [unowned self] in missConnections() }
        beat()
        listener.standing(description)
        return socket
    }

    private func accept(from socket: Int32) {
        let raw = accept4(socket)
        guard raw >= 0, let description else { return }
        let client = KeptClient(FileDescriptor(owning: raw), loop: loop)
        client.stream.received = { [unowned self, unowned client] line in
            serve(try JSONLines.decode(KeeperRequest.self, from: line), of: client)
        }
        client.stream.ended = { [unowned self, unowned client] error in
            if let error { listener.note("a client's request is not understood: \(error)") }
            leave(client)
        }
        do {
            try client.stream.begin()
        } catch {
            return listener.note("a client is sent away: \(error)")
        }
        clients.append(client)
        tell(client, .hello(keeperProtocolVersion: keeperProtocolVersion, agentProtocolVersion: agentProtocolVersion))
        tell(client, .description(description))
    }

    private func tell(_ client: KeptClient, _ message: KeeperMessage) {
        do {
            if try client.send(message) { return }
            listener.note("a client has not read what it was sent, and is sent away")
        } catch {
            listener.note("a message cannot be written: \(error)")
        }
        leave(client)
    }

    /// The client has gone: so does what ran for it alone.
    private func leave(_ client: KeptClient) {
        guard clients.contains(where: { $0 === client }) else { return }
        client.stream.cancel()
        clients.removeAll { $0 === client }
        endRequests.removeAll { $0.client === client }
        for (id, route) in routes where route.client === client {
            routes[id] = nil
            if route.lastsWithClient, phase == .standing { ask(.stop(request: id)) { _ in } }
        }
        // Its callback may be what is running: the client itself goes later.
        loop.timer(at: loop.now) { withExtendedLifetime(client) {} }
    }

    private func dismissClients() {
        for (client, id) in endRequests { tell(client, .answer(id: id, .done)) }
        let reason = failure.map { "\($0)" } ?? "it was taken down"
        for client in clients {
            tell(client, .ended(reason))
            client.stream.flush(within: .seconds(2))
            client.stream.cancel()
        }
        clients = []
    }

    // MARK: - Requests

    private func serve(_ request: KeeperRequest, of client: KeptClient) {
        guard phase == .standing else {
            return refuse(request, of: client, "the lab is being taken down")
        }
        switch request {
        case .agent(let request): forward(request, of: client)
        case .keeper(let id, .health(let following)):
            tell(client, .health(id: id, configuration.health.entries))
            if following { client.followsHealth.append(id) } else { tell(client, .answer(id: id, .done)) }
        case .keeper(let id, .events(let number, let following)):
            tell(client, .events(id: id, events.events(after: number)))
            if following { client.followsEvents.append(id) } else { tell(client, .answer(id: id, .done)) }
        case .keeper(let id, .console): tell(client, .answer(id: id, .text(scrubber.scrubbed(agent.consoleText))))
        case .keeper(let id, .log): tell(client, .answer(id: id, .text(scrubber.scrubbed(configuration.folder.logTail))))
        case .keeper(let id, .check(let connection)):
            if let connection, !configuration.plan.connections.indices.contains(connection) {
                return refuse(request, of: client, "there is no connection \(connection)")
            }
            tell(client, .answer(id: id, .checked(ConnectionCheck.all(of: configuration.plan, connection: connection))))
        case .keeper(let id, .down):
            endRequests.append((client, id))
            takeDown()
        }
    }

    private func refuse(_ request: KeeperRequest, of client: KeptClient, _ reason: String) {
        let failure = AgentMessage.Failure(kind: .badRequest, message: reason)
        switch request {
        case .agent(let request): tell(client, .agent(.answer(id: request.id, .failed(failure))))
        case .keeper(let id, _): tell(client, .answer(id: id, .failed(failure)))
        }
    }

    private func forward(_ request: AgentRequest, of client: KeptClient) {
        let operation: AgentRequest.Operation
        var lasts = false
        switch request.operation {
        case .perform, .status, .associations, .counters, .processorUse: operation = request.operation
        case .configure(let connection, let changed):
            // From here on its key is in no text that leaves the lab, whether the agent takes it or not.
            scrubber.add(changed.side.preSharedKey)
            return configure(request, connection, changed, client)
        case .extend(let plan):
            for connection in plan.connections {
                for side in [connection.siteSide, connection.gatewaySide] { scrubber.add(side.preSharedKey) }
            }
            return extend(request, plan, client)
        case .execute, .capture:
            operation = request.operation
            lasts = true
        case .input(let execution, let input):
            guard let id = agentNumber(of: execution, client) else {
                return refuse(.agent(request), of: client, "no program runs for request \(execution)")
            }
            operation = .input(execution: id, input)
        case .stop(let other):
            guard let id = agentNumber(of: other, client) else {
                return refuse(.agent(request), of: client, "nothing runs for request \(other)")
            }
            operation = .stop(request: id)
        case .probeCapabilities, .build, .watch, .rehearse, .calibrate, .tearDown, .shutDown, .cleanUp:
            return refuse(.agent(request), of: client, "that is for the lab's keeper to ask")
        }
        let id = takeNumber()
        routes[id] = Route(client: client, id: request.id, lastsWithClient: lasts)
        send(AgentRequest(id: id, operation: operation))
    }

    private func configure(
        _ request: AgentRequest, _ connection: Int, _ changed: ConnectionPlan.GatewayConfiguration, _ client: KeptClient
    ) {
        ask(request.operation) { [unowned self] answer in
            if case .done = answer, configuration.plan.connections.indices.contains(connection) {
                configuration.plan.connections[connection].gatewayConfiguration = changed
                health.rename(connection, to: changed.name)
                description?.plan = configuration.plan.withoutSecrets
            }
            tell(client, .agent(.answer(id: request.id, answer)))
        }
    }

    /// What is told of the lab is the new plan once it stands.
    private func extend(_ request: AgentRequest, _ plan: LabPlan, _ client: KeptClient) {
        // Keys of what stands are the keeper's own: a client may have been told an empty one.
        var plan = plan
        for (index, known) in configuration.plan.connections.enumerated() where plan.connections.indices.contains(index) {
            plan.connections[index].siteSide.preSharedKey = known.siteSide.preSharedKey
            plan.connections[index].gatewaySide.preSharedKey = known.gatewaySide.preSharedKey
        }
        ask(.extend(plan)) { [unowned self] answer in
            if case .done = answer {
                configuration.plan = plan
                description?.plan = plan.withoutSecrets
                health.add(plan.connections.dropFirst(health.connectionCount).map { .init(name: $0.name, link: plan.nodes[$0.site].name) })
            }
            tell(client, .agent(.answer(id: request.id, answer)))
        }
    }

    /// The number by which the agent knows a client's request that is under way.
    private func agentNumber(of id: Int, _ client: KeptClient) -> Int? {
        routes.first { $0.value.client === client && $0.value.id == id && $0.value.lastsWithClient }?.key
    }

    // MARK: - Events and health

    /// An outcome happened when events and health history say so, by one clock.
    private func onThisClock(_ answer: AgentMessage.Answer) -> AgentMessage.Answer {
        guard case .performed(var outcome) = answer, let began = clock.wallClock(of: outcome.began) else { return answer }
        outcome.beganWallClock = began
        return .performed(outcome)
    }

    private func record(_ event: TimelineEvent) {
        clock.read(event.at, heardAt: SystemClock.realtime.nanoseconds)
        let now = clock.wallClock(of: event.at) ?? SystemClock.realtime.nanoseconds
        let numbered = events.append(event, wallClock: now)
        for client in clients {
            for id in client.followsEvents { tell(client, .events(id: id, [numbered])) }
        }
        // The history counts from 1970: what it tells must make sense after the lab has gone, and its kernel's clock with it.
        let entries = health.entries(after: TimelineEvent(at: now, kind: event.kind, subject: event.subject, detail: event.detail))
        // What happens while it is built is not the gateway's availability yet; what has not come up by then is told when the lab stands.
        if phase == .starting { early = early.merging(entries) } else { recordHealth(entries) }
    }

    /// A connection that nobody begins has no event that would tell so.
    private func missConnections() {
        guard phase == .standing else { return }
        ask(.status) { [unowned self] answer in
            guard case .status(let status) = answer, phase == .standing else { return }
            let now = SystemClock.realtime.nanoseconds
            for connection in status.connections where connection.tunnels.allSatisfy({ $0.age == nil }) {
                recordHealth(health.entries(after: TimelineEvent(at: now, kind: "not-connected", subject: connection.name)))
            }
        }
    }

    /// The last entry of each resource from before the lab stood.
    private var early = LatestEntries()

    private func recordHealth(_ entries: [HealthEntry]) {
        guard !entries.isEmpty else { return }
        do {
            try configuration.health.append(entries)
        } catch {
            listener.note("the health history cannot be kept: \(error)")
        }
        for client in clients {
            for id in client.followsHealth { tell(client, .health(id: id, entries)) }
        }
    }

    private func startEntries() -> [HealthEntry] {
        let now = SystemClock.realtime.nanoseconds
        let plan = configuration.plan
        let gateway = HealthEntry(
            resource: plan.gateway.name, kind: .gateway, since: now, availability: .available, reason: "the lab stands")
        let connections = plan.connections.compactMap { connection -> HealthEntry? in
            if var entry = early.entry(.connection, connection.name), entry.availability != .available {
                entry.since = now
                return entry
            }
            // Said only where it is news: a lab of a thousand sites must not fill the history by standing up.
            guard let before = configuration.health.latest(.connection, connection.name), before.availability != .available else {
                return nil
            }
            return HealthEntry(
                resource: connection.name, kind: .connection, since: now, availability: .available, reason: "the lab stands")
        }
        return [gateway] + connections
    }

    private func endEntries() -> [HealthEntry] {
        let reason = failure == nil ? "the lab was taken down" : "the lab has ended by itself"
        return [
            HealthEntry(
                resource: configuration.plan.gateway.name, kind: .gateway, since: SystemClock.realtime.nanoseconds,
                availability: .unknown, reason: reason, cause: failure == nil ? .userInitiated : .platformInitiated)
        ]
    }
}

/// The last entry of each resource.
private struct LatestEntries {
    private var entries: [String: HealthEntry] = [:]

    func merging(_ new: [HealthEntry]) -> LatestEntries {
        var result = self
        for entry in new { result.entries["\(entry.kind.rawValue) \(entry.resource)"] = entry }
        return result
    }

    func entry(_ kind: HealthEntry.Kind, _ resource: String) -> HealthEntry? { entries["\(kind.rawValue) \(resource)"] }
}

extension HealthHistory {
    init(plan: LabPlan) {
        self.init(
            gateway: plan.gateway.name,
            connections: plan.connections.map { Connection(name: $0.name, link: plan.nodes[$0.site].name) },
            isActiveActive: plan.gateway.isActiveActive, carriesSecurity: plan.gateway.recovery != .negotiate)
    }
}

/// accept4(2), without waiting; -1 when nobody is there any more.
private func accept4(_ socket: Int32) -> Int32 {
    let raw = Glibc.accept(socket, nil, nil)
    if raw >= 0 { _ = fcntl(raw, F_SETFD, FD_CLOEXEC) }
    return raw
}
