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
