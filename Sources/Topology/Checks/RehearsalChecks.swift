/// What must hold between the values of a rehearsal file.
struct RehearsalChecks {
    let entry: RehearsalFileEntry

    func run(into reading: inout Reading) {
        checkStarts(into: &reading)
        for step in entry.steps?.value ?? [] { checkImpairment(step, into: &reading) }
        entry.timing?.checkRetransmission(into: &reading)
    }

    // MARK: - When steps begin

    private func checkStarts(into reading: inout Reading) {
        let end = entry.duration?.value ?? RehearsalRule.standardDuration
        var last: Duration?
        for (index, step) in (entry.steps?.value ?? []).enumerated() {
            if let at = step.at, let after = step.after {
                reading.report(after.path, found: "\"after\" beside \"at: \(at.value.text)\"", allowed: "one of both")
            } else if let by = step.by, step.after == nil {
                reading.report(by.path, found: "\"by\" without \"after\"", allowed: "\"after\" with an event, then \"by\"")
            }
            if index == 0 { checkFirst(step, into: &reading) }
            guard let at = step.at else { continue }
            if let last, at.value < last {
                reading.report(
                    at.path, found: "\(at.value.text) after a step at \(last.text)",
                    allowed: "times that never go back: \(last.text) or later")
            }
            if at.value >= end {
                reading.report(at.path, found: "a step at \(at.value.text) in \(end.text)", allowed: "before the end of \"duration\"")
            }
            last = max(at.value, last ?? .zero)
        }
    }

    /// RFC 6201 has traffic flow for 15 s before anything is disrupted.
    private func checkFirst(_ step: StepEntry, into reading: inout Reading) {
        let warmUp = RehearsalRule.warmUp
        guard let at = step.at else {
            // A wrong time has been reported for itself, and stands there all the same.
            guard !step.hasWrongTime(in: reading) else { return }
            reading.report(step.path, found: "a first step without \"at\"", allowed: "\"at: \(warmUp.text)\" or later, as RFC 6201 has it")
            return
        }
        if at.value < warmUp {
            reading.report(at.path, found: "a first step at \(at.value.text)", allowed: "\(warmUp.text) or later, as RFC 6201 has it")
        }
    }

    // MARK: - Impairments

    private func checkImpairment(_ step: StepEntry, into reading: inout Reading) {
        guard case .impairLink(_, let impairment, _, _)? = step.action else { return }
        impairment.checkJitter(into: &reading)
        let isWrong = reading.diagnostics.contains { $0.key.hasPrefix(step.path) }
        if impairment.impairment == nil, !isWrong {
            reading.report(
                step.path, found: "an impairment that does nothing",
                allowed: "a delay, loss or rate; \"do: restore link\" to take one away")
        }
    }
}

extension StepEntry {
    fileprivate func hasWrongTime(in reading: Reading) -> Bool { reading.diagnostics.contains { $0.key == childPath(path, "at") } }
}
