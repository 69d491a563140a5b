/// What came of a check: one JSON line each on the way to whoever started the checks.
struct CheckVerdict: Codable, Sendable {
    enum Outcome: String, Codable, Sendable {
        case passed
        case failed
        case skipped
    }

    var name: String
    var outcome: Outcome
    /// Why it failed or was skipped; empty when it passed.
    var detail: String
}

extension CheckVerdict: CustomStringConvertible {
    var description: String {
        switch outcome {
        case .passed: "ok \(name)"
        case .failed: "failed \(name): \(detail)"
        case .skipped: "skipped \(name): \(detail)"
        }
    }
}
