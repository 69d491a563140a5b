import LabPlan

/// The rehearsal as written.
struct RehearsalEntry: Sendable {
    var duration: Duration?
    var resetAt: Duration?
    var probes: ProbesEntry?
    var applications: ApplicationsEntry?
    var expectations: ExpectationsEntry?
    var run: Written<String>?
}

struct ProbesEntry: Sendable {
    var rate: Double?
    var payload: Int?
}

struct ExpectationsEntry: Sendable {
    var maximumOutage: Duration?
}

extension RehearsalEntry {
    static let duration = Key.optional(
        "duration", .duration(RehearsalRule.durations),
        "How long the measured part takes. Default: \(RehearsalRule.standardDuration.text).")
    static let resetAt = Key.optional(
        "resetAt", .duration(RehearsalRule.resetTimes),
        "When the reset is requested, from the start of the measured part: after 15s at least, as RFC 6201 has it, and before its end. "
            + "Default: \(RehearsalRule.standardStart.text).")
    static let probes = Key.optional("probes", ProbesEntry.form, "The packets whose loss is the outage.")
    static let applications = Key.optional(
        "applications", ApplicationsEntry.form,
        "What uses each connection besides the probes: \"standard\", or what it is. Default: nothing, unless it is asked for when the rehearsal is run."
    )
    static let expect = Key.optional("expect", ExpectationsEntry.form, "What must hold for the rehearsal to succeed.")
    static let run = Key.optional(
        "run", .rehearsalName,
        "Another rehearsal than the gateway's reset: a built-in's name, or a file's path from the topology's folder. Its values hold for what is not "
            + "written here; resetAt moves its first step. Default: the gateway's reset.")

    static let form = Form<RehearsalEntry>.mapping(
        "rehearsal", "What is rehearsed and how it is measured.", keys: [duration, resetAt, probes, applications, expect, run]
    ) {
        RehearsalEntry(
            duration: $0[duration], resetAt: $0[resetAt], probes: $0[probes], applications: $0[applications], expectations: $0[expect],
            run: $0.written(run))
    }
}

extension ProbesEntry {
    static let rate = Key.optional(
        "rate", .number(RehearsalRule.probeRates),
        "Packets per second, in each direction of each connection. Default: \(RehearsalRule.standardProbeRate.short).")
    static let payload = Key.optional(
        "payload", .integer(RehearsalRule.probePayloads), "Bytes of UDP payload. Default: \(RehearsalRule.standardProbePayload).")

    static let form = Form<ProbesEntry>.mapping("probes", "The packets whose loss is the outage.", keys: [rate, payload]) {
        ProbesEntry(rate: $0[rate], payload: $0[payload])
    }
}

extension ExpectationsEntry {
    static let maximumOutage = Key.optional(
        "maximumOutage", .duration(.zero ... .seconds(86_400)), "The longest outage allowed, of any connection and direction. Default: any."
    )

    static let form = Form<ExpectationsEntry>.mapping("expect", "What must hold for the rehearsal to succeed.", keys: [maximumOutage]) {
        ExpectationsEntry(maximumOutage: $0[maximumOutage])
    }
}

extension Form where Value == String {
    /// A built-in rehearsal's name, or a file's path, which is told by a slash or its ending.
    static var rehearsalName: Form {
        let names = Rehearsal.builtIns.map(\.name)
        return .scalar(allowed: "\(alternatives(names)); or a path that ends in .yaml", schema: ["type": "string"]) { text in
            if names.contains(text) || Rehearsal.isPath(text) { return .value(text) }
            return .problem(likelyMeant(text, among: names).map { "did you mean \"\($0)\"?" })
        }
    }
}
