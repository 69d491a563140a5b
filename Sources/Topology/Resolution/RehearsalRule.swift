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

    /// Messages or requests a second.
    static let applicationRates: ClosedRange<Double> = 0.1...1_000
    /// Bytes of a message, a request or an answer.
    static let applicationSizes: ClosedRange<Int> = 1...1_048_576

    static let standardDuration = Duration.seconds(60)
    static let standardStart = Duration.seconds(20)
    static let standardProbeRate = 100.0
    static let standardProbePayload = 64

    /// The gateway's reset, with the usual values for what is nil.
    static func reset(
        duration: Duration? = nil, at start: Duration? = nil, probeRate: Double? = nil, probePayload: Int? = nil,
        maximumOutage: Duration? = nil, applications: ApplicationPlan? = nil
    ) -> RehearsalPlan {
        RehearsalPlan(
            duration: duration ?? standardDuration,
            steps: [RehearsalStep(.at(start ?? standardStart), .perform(.resetGateway(address: nil)))],
            probeRate: probeRate ?? standardProbeRate, probePayload: probePayload ?? standardProbePayload,
            expectations: maximumOutage.map { [.maximumOutage($0)] } ?? [], applications: applications)
    }
}

extension ExpectationPlan {
    /// No outage of any connection and direction is longer.
    static func maximumOutage(_ duration: Duration) -> ExpectationPlan {
        ExpectationPlan(
            text: "outage <= \(duration.text)", quantity: .outage(.init()), comparison: .atMost, value: .duration(duration))
    }
}

extension Duration {
    /// As topologies write it: `45ms`, `30s`, `45min`.
    var text: String { DurationText.describe(self) }
}
