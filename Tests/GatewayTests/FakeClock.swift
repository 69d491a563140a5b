import Gateway
import LabPlan

/// Drives a machine on a clock of its own, and remembers every action with its time.
struct FakeClock {
    var machine: GatewayMachine
    private(set) var now = Duration.zero
    private(set) var log: [(time: Duration, action: GatewayAction)] = []
    private var timers: [(time: Duration, timer: GatewayTimer)] = []

    /// Whether a key exchange that begins also completes, at once.
    var keyExchangesSucceed = true

    init(connections: Int = 1, timing: TimingPlan = .forTests) {
        machine = GatewayMachine(connectionCount: connections, timing: timing)
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
        if keyExchangesSucceed {
            for case .beginKeyExchange(let exchange, _) in reaction.actions { send(.keyExchangeCompleted(exchange)) }
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
}

extension TimingPlan {
    static let forTests = TimingPlan(
        profile: "test", reset: .init(detection: .seconds(4), takeover: .seconds(2)),
        maintenance: .init(detection: .zero, takeover: .seconds(3)), failure: .init(detection: .seconds(20), takeover: .seconds(2)),
        boot: .seconds(60),
        announcements: Announcements(count: 3, interval: .milliseconds(1100)),
        keyExchange: Retransmission(timeout: .seconds(1), base: 2, tries: 3))
}
