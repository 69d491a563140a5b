import LabPlan
import Measurement

/// Something that must hold, and what was found.
public struct Expectation: Codable, Sendable, Equatable {
    public var text: String
    public var holds: Bool
    public var found: String

    init(text: String, holds: Bool, found: String) {
        self.text = text
        self.holds = holds
        self.found = found
    }

    /// Told where it does not hold: a step that could not be done, or that waited in vain, was not rehearsed.
    ///
    /// - Returns: nil when every step was carried out.
    init?(stepsOf events: [TimelineEvent]) {
        let failures = events.filter { Self.stepFailures.contains($0.kind) }
        guard let first = failures.first else { return nil }
        text = "every step was carried out"
        holds = false
        found = (first.detail ?? first.kind) + (failures.count > 1 ? " (and \(failures.count - 1) more findings)" : "")
    }

    private static let stepFailures: Set<String> = ["step-timed-out", "step-refused", "step-not-begun"]

    /// Always expected: nothing that was measured crossed the internet in clear.
    init(encryption audit: EncryptionAudit) {
        text = "all probes were encrypted on their way"
        holds = audit.verdict == .encrypted
        found =
            switch audit.verdict {
            case .encrypted: "both ends' SAs counted all \(audit.flows.reduce(0) { $0 + $1.arrived }) that arrived"
            case .clear, .unproven:
                (audit.verdict == .unproven ? "not proven: " : "") + (audit.reasons.first ?? "no reason given")
                    + (audit.reasons.count > 1 ? " (and \(audit.reasons.count - 1) more findings)" : "")
            }
    }
}
