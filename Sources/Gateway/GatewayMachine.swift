import LabPlan

/// The gateway's two instances: what happens to them in, what the lab has to do out. No I/O and no clock of its own.
///
///     active-standby
///     restart ─> active instance goes down ──────────── boot ───────────────> back, as standby
///                    └── detection ──> noticed ── takeover ──> the standby is active ──> its tunnels start
///
///     active-active: both instances are active, each with its own address and its own tunnels
///     restart ─> instance goes down ──────────────── boot ──────────────────> back, active ── tunnels settled ──> its next hops return
///                    └── detection ──> noticed ── takeover ──> its peer holds its next hops
///
/// A restart that names no instance hits the active one, or the one that is about to be: a second reset during the first hits the successor.
/// Of an active-active gateway it hits the first instance each time. With both away nothing forwards until one is back, and that one becomes
/// active at once, as nobody is left to be watched.
///
/// The actions of a reaction are in order, and the order matters:
/// - An instance goes down links first: the outage begins at one moment, and nothing leaves in clear once its policies are gone. Its
///   addresses are released last, or an instance would come back with addresses that its peer holds by then.
/// - An instance has its policies before its links, also as a standby: whatever the next hop brings it, is blocked until security associations
///   exist.
///   The announcement follows the addresses it announces, and tunnels follow both, as their key exchanges are sent from these addresses.
/// - A report follows what it reports.
public struct GatewayMachine: Sendable {
    public private(set) var states: [InstanceID: InstanceState] = [.first: .gone, .second: .gone]

    private let isActiveActive: Bool
    private let timing: TimingPlan
    /// The running timers' generations.
    private var timers: [GatewayTimer.Purpose: Int] = [:]
    private var timersStarted = 0
    /// Who holds what can move: `gateway`, or each instance's `nextHops`.
    private var holders: [AddressSet: InstanceID] = [:]
    /// What an instance is announcing, and how often it has.
    private var announcements: [InstanceID: (sets: [AddressSet], made: Int)] = [:]
    /// The times by which a restarting instance's peer takes over.
    private var failoversUnderWay: [InstanceID: TimingPlan.Failover] = [:]
    /// Active instances whose tunnels are still on their way up.
    private var unsettled: Set<InstanceID> = []
    private var restartsAccepted = 0
    private var unfinished: [(restart: Restart, isBack: Bool)] = []

    public init(isActiveActive: Bool = false, timing: TimingPlan) {
        self.isActiveActive = isActiveActive
        self.timing = timing
    }

    public init(plan: LabPlan) { self.init(isActiveActive: plan.gateway.isActiveActive, timing: plan.timing) }

    public var activeInstances: [InstanceID] { InstanceID.allCases.filter { states[$0] == .active } }

    /// Whether everything that can move has a holder, and all tunnels of the instances that are active are up or refused.
    public var isForwarding: Bool {
        let sets: [AddressSet] = isActiveActive ? InstanceID.allCases.map { .nextHops($0) } : [.gateway]
        return sets.allSatisfy { holders[$0] != nil } && unsettled.isEmpty
    }

    /// Restarts that have not finished.
    public var restartsUnderWay: [Restart] { unfinished.map(\.restart) }

    public mutating func handle(_ input: GatewayInput) -> GatewayReaction {
        do throws(IgnoredInput) {
            return .actions(try react(to: input) + finishRestarts())
        } catch {
            return .ignored(error)
        }
    }

    private mutating func react(to input: GatewayInput) throws(IgnoredInput) -> [GatewayAction] {
        let isStarted = states.values.contains { $0 != .gone }
        if case .start = input {
            guard !isStarted else { throw .alreadyStarted }
            if isActiveActive { return InstanceID.allCases.flatMap { activate($0, taking: [.own($0), .nextHops($0)]) } }
            states[.second] = .standby
            return [.applyConfiguration(.second)] + activate(.first, taking: [.gateway])
        }
        guard isStarted else { throw .notStarted }
        switch input {
        case .start: throw .alreadyStarted
        case .restart(let cause, let instance): return try restart(cause, instance)
        case .timerFired(let timer): return try timerFired(timer)
        case .tunnelsSettled(let instance): return try tunnelsSettled(instance)
        case .instanceBack(let instance):
            guard states[instance] == .restarting else { throw .notRestarting(instance) }
            return cancelTimer(.boot(instance)) + instanceBack(instance)
        }
    }
}

// MARK: - An instance goes down and comes back

extension GatewayMachine {
    /// The instance that detection or takeover makes active when it ends.
    private var successor: InstanceID? {
        InstanceID.allCases.first { timers[.detection(of: $0.peer)] != nil || timers[.takeover(of: $0.peer)] != nil }
    }

    private mutating func restart(_ cause: RestartCause, _ named: InstanceID?) throws(IgnoredInput) -> [GatewayAction] {
        let unnamed = isActiveActive ? .first : activeInstances.first ?? successor
        guard let instance = named ?? unnamed, states[instance] == .active || states[instance] == .standby else {
            throw .noInstanceToRestart
        }
        restartsAccepted += 1
        let restart = Restart(number: restartsAccepted, cause: cause, instance: instance)
        unfinished.append((restart, false))
        return [.report(.restartRequested(restart))] + goDown(instance, failover(for: cause))
    }

    private func failover(for cause: RestartCause) -> TimingPlan.Failover {
        switch cause {
        case .reset: timing.reset
        case .maintenance: timing.maintenance
        case .failure: timing.failure
        }
    }

    private mutating func goDown(_ instance: InstanceID, _ failover: TimingPlan.Failover) -> [GatewayAction] {
        let peer = instance.peer
        let wasActive = states[instance] == .active
        states[instance] = .restarting
        unsettled.remove(instance)
        announcements[instance] = nil
        var actions: [GatewayAction] = [.forgetTunnels(instance)]
        actions += cancelTimer(.announcement(instance))
        // What it was about to take over from its peer, nobody will.
        actions += cancelTimer(.detection(of: peer)) + cancelTimer(.takeover(of: peer))
        actions += [.takeLinksDown(instance), .flushSecurity(instance)]
        let held = holders.filter { $0.value == instance }.map(\.key).sorted()
        for set in held { holders[set] = nil }
        actions += (isActiveActive ? [.own(instance)] + held : [.gateway]).map { .releaseAddresses(instance, $0) }
        actions.append(.report(wasActive ? .activeDown(instance) : .standbyDown(instance)))
        actions += startTimer(.boot(instance), after: timing.boot)
        switch states[peer] {
        case .active, .standby:
            guard wasActive else { break }
            failoversUnderWay[instance] = failover
            actions += startTimer(.detection(of: instance), after: failover.detection)
        case .restarting, .gone, nil:
            actions.append(.report(.gatewayDown))
        }
        return actions
    }

    private mutating func instanceBack(_ instance: InstanceID) -> [GatewayAction] {
        for index in unfinished.indices where unfinished[index].restart.instance == instance { unfinished[index].isBack = true }
        // Its neighbours may still send it packets: they are blocked from the first one on.
        let back: [GatewayAction] = [.applyConfiguration(instance), .bringLinksUp(instance), .report(.instanceBack(instance))]
        if isActiveActive {
            // Its next hops follow when it has something to forward to.
            return back + cancelTimer(.detection(of: instance)) + cancelTimer(.takeover(of: instance))
                + activate(instance, taking: [.own(instance)])
        }
        states[instance] = .standby
        let isAlone = activeInstances.isEmpty && successor == nil
        return back + (isAlone ? activate(instance, taking: [.gateway]) : [])
    }

    private mutating func finishRestarts() -> [GatewayAction] {
        guard !activeInstances.isEmpty, unsettled.isEmpty else { return [] }
        let finished = unfinished.filter(\.isBack)
        unfinished.removeAll(where: \.isBack)
        return finished.map { .report(.restartFinished($0.restart)) }
    }
}

// MARK: - An instance becomes active

extension GatewayMachine {
    private mutating func activate(_ instance: InstanceID, taking sets: [AddressSet]) -> [GatewayAction] {
        states[instance] = .active
        unsettled.insert(instance)
        return [.applyConfiguration(instance), .report(.configurationApplied(instance))] + take(sets, by: instance)
            + [.startTunnels(instance)]
    }

    /// What detection and takeover lead to.
    private mutating func takeOver(from instance: InstanceID) -> [GatewayAction] {
        let peer = instance.peer
        guard isActiveActive else { return activate(peer, taking: [.gateway]) }
        // It still has them when the instance went away again before they were handed back.
        return holders[.nextHops(instance)] == peer ? [] : take([.nextHops(instance)], by: peer)
    }

    private mutating func tunnelsSettled(_ instance: InstanceID) throws(IgnoredInput) -> [GatewayAction] {
        guard states[instance] == .active else { throw .notActive(instance) }
        unsettled.remove(instance)
        guard isActiveActive else { return [] }
        var actions: [GatewayAction] = []
        if holders[.nextHops(instance)] != instance {
            if let holder = holders[.nextHops(instance)] { actions.append(.releaseAddresses(holder, .nextHops(instance))) }
            actions += take([.nextHops(instance)], by: instance, .nextHopsReturned(instance))
        }
        // Its peer went away while there was nobody to take over.
        let peer = instance.peer
        if states[peer] != .active, holders[.nextHops(peer)] == nil, timers[.detection(of: peer)] == nil, timers[.takeover(of: peer)] == nil
        {
            actions += take([.nextHops(peer)], by: instance)
        }
        return actions
    }

    private mutating func take(_ sets: [AddressSet], by instance: InstanceID, _ event: GatewayEvent? = nil) -> [GatewayAction] {
        for set in sets { if case .own = set { continue } else { holders[set] = instance } }
        // What it is announcing at the moment is announced anew with them.
        let others = announcements[instance]?.sets.filter { !sets.contains($0) } ?? []
        announcements[instance] = (others + sets, 0)
        return sets.map { .takeAddresses(instance, $0) } + [.report(event ?? .standbyTookAddresses(instance))] + announce(instance)
    }

    private mutating func announce(_ instance: InstanceID) -> [GatewayAction] {
        guard var announcement = announcements.removeValue(forKey: instance) else { return [] }
        // What has been handed back meanwhile is its peer's to announce.
        announcement.sets.removeAll { set in holders[set].map { $0 != instance } ?? false }
        guard !announcement.sets.isEmpty else { return [] }
        announcement.made += 1
        let actions =
            announcement.sets.map { GatewayAction.announce(instance, $0) }
            + [.report(.announced(instance, repetition: announcement.made))]
        guard announcement.made < timing.announcements.count else { return actions }
        announcements[instance] = announcement
        return actions + startTimer(.announcement(instance), after: timing.announcements.interval)
    }
}

// MARK: - Timers

extension GatewayMachine {
    private mutating func timerFired(_ timer: GatewayTimer) throws(IgnoredInput) -> [GatewayAction] {
        guard timers[timer.purpose] == timer.generation else { throw .staleTimer(timer) }
        timers[timer.purpose] = nil
        switch timer.purpose {
        case .detection(let instance):
            let takeover = failoversUnderWay[instance]?.takeover ?? .zero
            return [.report(.failureDetected(by: instance.peer))] + startTimer(.takeover(of: instance), after: takeover)
        case .takeover(let instance):
            return takeOver(from: instance)
        case .boot(let instance):
            return instanceBack(instance)
        case .announcement(let instance):
            return announce(instance)
        }
    }

    private mutating func startTimer(_ purpose: GatewayTimer.Purpose, after duration: Duration) -> [GatewayAction] {
        let cancelled = cancelTimer(purpose)
        timersStarted += 1
        timers[purpose] = timersStarted
        return cancelled + [.startTimer(GatewayTimer(purpose: purpose, generation: timersStarted), after: duration)]
    }

    private mutating func cancelTimer(_ purpose: GatewayTimer.Purpose) -> [GatewayAction] {
        guard let generation = timers.removeValue(forKey: purpose) else { return [] }
        return [.cancelTimer(GatewayTimer(purpose: purpose, generation: generation))]
    }
}

extension AddressSet: Comparable {
    /// The gateway's, then the first instance's, outside before inside.
    private var order: Int {
        switch self {
        case .gateway: 0
        case .own(let instance): 1 + instance.rawValue * 2
        case .nextHops(let instance): 2 + instance.rawValue * 2
        }
    }

    public static func < (lhs: AddressSet, rhs: AddressSet) -> Bool { lhs.order < rhs.order }
}
