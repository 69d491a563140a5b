import LabPlan

/// What a rehearsal can be, wherever its values come from.
enum RehearsalRule {
    /// How long traffic must flow before the reset (RFC 6201: at least 15 s).
    static let warmUp = Duration.seconds(15)
    static let durations: ClosedRange<Duration> = .seconds(16) ... .seconds(86_400)
    static let resetTimes: ClosedRange<Duration> = warmUp ... .seconds(86_400)
    /// Per second and direction.
    static let probeRates: ClosedRange<Double> = 0.1...10_000
    /// Bytes: room for a probe's own header, and inside a tunnel of the usual 1,400 bytes in both families.
    static let probePayloads: ClosedRange<Int> = 32...1_350

    static let standard = RehearsalPlan(
        duration: .seconds(60), steps: [RehearsalStep(.at(.seconds(20)), .perform(.resetGateway(address: nil)))], probeRate: 100,
        probePayload: 64)
}

extension RehearsalPlan {
    /// When the first step begins, where that is a fixed time.
    var resetAt: Duration {
        get { if case .at(let time)? = steps.first?.start { time } else { .zero } }
        set { if !steps.isEmpty { steps[0].start = .at(newValue) } }
    }

    /// The longest outage allowed, of any connection and direction; nil for any.
    var maximumOutage: Duration? {
        get { if case .duration(let duration)? = expectations.first?.value { duration } else { nil } }
        set {
            expectations =
                newValue.map {
                    [ExpectationPlan(text: "outage <= \($0.text)", quantity: .outage(.init()), comparison: .atMost, value: .duration($0))]
                } ?? []
        }
    }
}

extension Duration {
    /// As topologies write it: `45ms`, `30s`, `45min`.
    var text: String { DurationText.describe(self) }
}
