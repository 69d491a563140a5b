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

    /// What the topology's author expects.
    static func all(of expectations: [ExpectationPlan], flows: [FlowResult]) -> [Expectation] {
        expectations.compactMap { expectation in
            guard case .duration(let duration) = expectation.value else { return nil }
            return Expectation(maximumOutage: Seconds(duration), flows: flows)
        }
    }

    /// By the frame-loss method. An outage that was not seen to end has no length: it does not meet the expectation.
    private init(maximumOutage: Seconds, flows: [FlowResult]) {
        text = "no outage by frame loss exceeds \(maximumOutage.shortText) s"
        if let open = flows.first(where: { $0.outage.state == .notRecovered }) {
            holds = false
            found = "\(open.name) had not recovered at the end"
        } else if let open = flows.first(where: { $0.outage.state == .unconfirmed }) {
            holds = false
            found = "\(open.name): the measurement ended before its recovery was seen to hold"
        } else if let worst = flows.max(by: { $0.outage.frameLoss < $1.outage.frameLoss }), worst.outage.state != .none {
            let longest = Seconds(nanoseconds: worst.outage.frameLoss)
            holds = longest <= maximumOutage
            found = "the longest is \(longest.shortText) s (\(worst.name))"
        } else {
            holds = true
            found = "no outage"
        }
    }
}

extension FlowResult {
    fileprivate var name: String { "\(connection), \(direction.rawValue)" }
}
