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
        duration: .seconds(60), resetAt: .seconds(20), probeRate: 100, probePayload: 64, expectations: .init())
}

extension Duration {
    /// As topologies write it: `45ms`, `30s`, `45min`.
    var text: String { DurationText.describe(self) }
}
