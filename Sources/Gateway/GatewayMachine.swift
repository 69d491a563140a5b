import LabPlan

/// The gateway's two instances: what happens to them in, what the lab has to do out. No I/O and no clock of its own.
///
///     reset ─> active instance goes down ──────────── boot ───────────────> back, as standby
///                    └── detection ──> noticed ── takeover ──> the standby is active ──> a key exchange per connection
///
/// A reset restarts the instance that is active, or the one that is about to be: a second reset during the first hits the successor. With
/// both away nothing forwards until one is back, and that one becomes active at once, as nobody is left to be watched.
///
/// The actions of a reaction are in order, and the order matters:
/// - An instance goes down links first: the outage begins at one moment, and nothing leaves in clear once its policies are gone. Its
///   addresses are released last, or an instance would come back with addresses that its peer holds by then.
/// - An instance becomes active policies first: when the next hop brings it packets, they are blocked until security associations exist.
///   The announcement follows the addresses it announces, and key exchanges follow both, as they are sent from these addresses.
/// - A report follows what it reports.
public struct GatewayMachine: Sendable {
    public private(set) var states: [InstanceID: InstanceState] = [.first: .gone, .second: .gone]
    public private(set) var connections: [ConnectionState]

    private let timing: TimingPlan
    /// The running timers' generations.
    private var timers: [GatewayTimer.Purpose: Int] = [:]
    private var timersStarted = 0
    /// The instance that detection or takeover makes active when it ends.
    private var successor: InstanceID?
    private var announcementsMade = 0
    private var keyExchangesBegun = 0
    private var resetsAccepted = 0
    private var unfinishedResets: [Reset] = []

    private struct Reset {
        var number: Int
        var instance: InstanceID
        var isInstanceBack = false
    }

    public init(connectionCount: Int, timing: TimingPlan) {
        connections = Array(repeating: .down, count: connectionCount)
        self.timing = timing
    }

    public init(plan: LabPlan) { self.init(connectionCount: plan.connections.count, timing: plan.timing) }

    public var activeInstance: InstanceID? { InstanceID.allCases.first { states[$0] == .active } }

    public mutating func handle(_ input: GatewayInput) -> GatewayReaction {
        do throws(IgnoredInput) {
            return .actions(try react(to: input) + finishResets())
        } catch {
            return .ignored(error)
        }
    }

    private mutating func react(to input: GatewayInput) throws(IgnoredInput) -> [GatewayAction] {
        let isStarted = states.values.contains { $0 != .gone }
        if case .start = input {
            guard !isStarted else { throw .alreadyStarted }
            states[.second] = .standby
            return activate(.first)
        }
        guard isStarted else { throw .notStarted }
        switch input {
        case .start: throw .alreadyStarted
        case .resetRequested: return try reset()
        case .timerFired(let timer): return try timerFired(timer)
        case .keyExchangeCompleted(let exchange):
            let instance = try endKeyExchange(exchange, as: .up(exchange))
            return [.installSecurity(exchange, instance), .report(.keyExchangeCompleted(exchange, instance))]
        case .keyExchangeFailed(let exchange):
            let instance = try endKeyExchange(exchange, as: .failed(exchange))
            return [.report(.keyExchangeFailed(exchange, instance))]
        case .instanceBack(let instance):
            guard states[instance] == .restarting else { throw .notRestarting(instance) }
            return cancelTimer(.boot(instance)) + instanceBack(instance)
        }
    }
}

// MARK: - An instance goes down and comes back

extension GatewayMachine {
    private mutating func reset() throws(IgnoredInput) -> [GatewayAction] {
        guard let instance = activeInstance ?? successor else { throw .noInstanceToRestart }
        resetsAccepted += 1
        unfinishedResets.append(Reset(number: resetsAccepted, instance: instance))
        return [.report(.resetRequested(reset: resetsAccepted, instance))] + restart(instance)
    }

    private mutating func restart(_ instance: InstanceID) -> [GatewayAction] {
        states[instance] = .restarting
        successor = nil
        var actions = abandonConnections()
        actions += cancelTimer(.announcement) + cancelTimer(.detection) + cancelTimer(.takeover)
        actions += [.takeLinksDown(instance), .flushSecurity(instance), .releaseAddresses(instance), .report(.activeDown(instance))]
        actions += startTimer(.boot(instance), after: timing.boot)
        if states[instance.peer] == .standby {
            successor = instance.peer
            actions += startTimer(.detection, after: timing.reset.detection)
        } else {
            actions.append(.report(.gatewayDown))
        }
        return actions
    }

    private mutating func instanceBack(_ instance: InstanceID) -> [GatewayAction] {
        states[instance] = .standby
        for index in unfinishedResets.indices where unfinishedResets[index].instance == instance {
            unfinishedResets[index].isInstanceBack = true
        }
        let isAlone = activeInstance == nil && successor == nil
        return [.bringLinksUp(instance), .report(.instanceBack(instance))] + (isAlone ? activate(instance) : [])
    }

    private mutating func finishResets() -> [GatewayAction] {
        let isSettled = activeInstance != nil && !connections.contains { if case .exchangingKeys = $0 { true } else { false } }
        guard isSettled else { return [] }
        let finished = unfinishedResets.filter(\.isInstanceBack)
        unfinishedResets.removeAll(where: \.isInstanceBack)
        return finished.map { .report(.resetFinished(reset: $0.number)) }
    }
}

// MARK: - An instance becomes active

extension GatewayMachine {
    private mutating func activate(_ instance: InstanceID) -> [GatewayAction] {
        states[instance] = .active
        successor = nil
        announcementsMade = 0
        var actions: [GatewayAction] = [
            .applyConfiguration(instance), .report(.configurationApplied(instance)),
            .takeAddresses(instance), .report(.standbyTookAddresses(instance)),
        ]
        actions += announce(instance)
        for connection in connections.indices { actions += beginKeyExchange(ConnectionID(rawValue: connection), from: instance) }
        return actions
    }

    private mutating func announce(_ instance: InstanceID) -> [GatewayAction] {
        announcementsMade += 1
        let announcement: [GatewayAction] = [
            .announce(instance), .report(.announced(instance, repetition: announcementsMade)),
        ]
        guard announcementsMade < timing.announcements.count else { return announcement }
        return announcement + startTimer(.announcement, after: timing.announcements.interval)
    }
}

// MARK: - Connections

extension GatewayMachine {
    private mutating func beginKeyExchange(_ connection: ConnectionID, from instance: InstanceID) -> [GatewayAction] {
        keyExchangesBegun += 1
        let exchange = KeyExchangeID(connection: connection, number: keyExchangesBegun)
        connections[connection.rawValue] = .exchangingKeys(exchange)
        return [.beginKeyExchange(exchange, instance), .report(.keyExchangeStarted(exchange, instance))]
    }

    private mutating func endKeyExchange(_ exchange: KeyExchangeID, as state: ConnectionState) throws(IgnoredInput) -> InstanceID {
        let index = exchange.connection.rawValue
        guard connections.indices.contains(index), connections[index] == .exchangingKeys(exchange), let instance = activeInstance else {
            throw .unknownKeyExchange(exchange)
        }
        connections[index] = state
        return instance
    }

    private mutating func abandonConnections() -> [GatewayAction] {
        var actions: [GatewayAction] = []
        for index in connections.indices {
            if case .exchangingKeys(let exchange) = connections[index] { actions.append(.abandonKeyExchange(exchange)) }
            connections[index] = .down
        }
        return actions
    }
}

// MARK: - Timers

extension GatewayMachine {
    private mutating func timerFired(_ timer: GatewayTimer) throws(IgnoredInput) -> [GatewayAction] {
        guard timers[timer.purpose] == timer.generation else { throw .staleTimer(timer) }
        timers[timer.purpose] = nil
        switch timer.purpose {
        case .detection:
            guard let successor else { throw .staleTimer(timer) }
            return [.report(.failureDetected(by: successor))] + startTimer(.takeover, after: timing.reset.takeover)
        case .takeover:
            guard let successor else { throw .staleTimer(timer) }
            return activate(successor)
        case .boot(let instance):
            return instanceBack(instance)
        case .announcement:
            guard let activeInstance else { throw .staleTimer(timer) }
            return announce(activeInstance)
        }
    }

    private mutating func startTimer(_ purpose: GatewayTimer.Purpose, after duration: Duration) -> [GatewayAction] {
        timersStarted += 1
        timers[purpose] = timersStarted
        return [.startTimer(GatewayTimer(purpose: purpose, generation: timersStarted), after: duration)]
    }

    private mutating func cancelTimer(_ purpose: GatewayTimer.Purpose) -> [GatewayAction] {
        guard let generation = timers.removeValue(forKey: purpose) else { return [] }
        return [.cancelTimer(GatewayTimer(purpose: purpose, generation: generation))]
    }
}
