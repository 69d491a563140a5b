import Gateway
import LabPlan

/// Drives a machine on a clock of its own, and remembers every action with its time.
struct FakeClock {
    var machine: GatewayMachine
    private(set) var now = Duration.zero
    private(set) var log: [(time: Duration, action: GatewayAction)] = []
    private var timers: [(time: Duration, timer: GatewayTimer)] = []

    /// Whether an instance's tunnels settle as soon as they start.
    var tunnelsSettle = true

    init(isActiveActive: Bool = false, timing: TimingPlan = .forTests) {
        machine = GatewayMachine(isActiveActive: isActiveActive, timing: timing)
    }

    @discardableResult
    mutating func send(_ input: GatewayInput) -> GatewayReaction {
        let reaction = machine.handle(input)
        for action in reaction.actions {
            log.append((now, action))
            switch action {
            case .startTimer(let timer, let duration): timers.append((now + duration, timer))
            case .cancelTimer(let timer): timers.removeAll { $0.timer == timer }
            default: break
            }
        }
        if tunnelsSettle {
            for case .startTunnels(let instance) in reaction.actions { send(.tunnelsSettled(instance)) }
        }
        return reaction
    }

    /// Fires all timers due until then, in the order of their times.
    mutating func advance(to time: Duration) {
        while let next = timers.indices.min(by: { timers[$0].time < timers[$1].time }), timers[next].time <= time {
            let (due, timer) = timers.remove(at: next)
            now = due
            send(.timerFired(timer))
        }
        now = time
    }

    var events: [(time: Duration, event: GatewayEvent)] {
        log.compactMap { entry in if case .report(let event) = entry.action { (entry.time, event) } else { nil } }
    }

    /// The times of the events of a kind.
    func times(of kind: String) -> [Duration] { events.filter { $0.event.kind == kind }.map(\.time) }

    func actions(from start: Duration, through end: Duration) -> [GatewayAction] {
        log.filter { (start...end).contains($0.time) }.map(\.action)
    }

    /// Who holds which addresses, by the actions so far.
    var holders: [AddressSet: [InstanceID]] {
        log.map(\.action).reduce(into: [:]) { holders, action in
            switch action {
            case .takeAddresses(let instance, let set): holders[set, default: []].append(instance)
            case .releaseAddresses(let instance, let set): holders[set]?.removeAll { $0 == instance }
            default: break
            }
        }
    }
}

extension TimingPlan {
    static let forTests = TimingPlan(
        profile: "test", reset: .init(detection: .seconds(4), takeover: .seconds(2)),
        maintenance: .init(detection: .zero, takeover: .seconds(3)), failure: .init(detection: .seconds(20), takeover: .seconds(2)),
        boot: .seconds(60), announcements: Announcements(count: 3, interval: .milliseconds(1100)),
        keyExchange: Retransmission(timeout: .seconds(1), base: 2, tries: 3))
}

extension GatewayAction {
    var startedTimer: GatewayTimer? { if case .startTimer(let timer, _) = self { timer } else { nil } }
}

extension GatewayInput {
    static let reset = GatewayInput.restart(.reset, nil)
}
