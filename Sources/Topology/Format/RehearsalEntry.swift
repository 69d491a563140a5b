import LabPlan

/// The rehearsal as written.
struct RehearsalEntry: Sendable {
    var duration: Duration?
    var resetAt: Duration?
    var probes: ProbesEntry?
    var expectations: ExpectationsEntry?
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
        "How long the measured part takes. Default: \(RehearsalRule.standard.duration.text).")
    static let resetAt = Key.optional(
        "resetAt", .duration(RehearsalRule.resetTimes),
        "When the reset is requested, from the start of the measured part: after 15s at least, as RFC 6201 has it, and before its end. "
            + "Default: \(RehearsalRule.standard.resetAt.text).")
    static let probes = Key.optional("probes", ProbesEntry.form, "The packets whose loss is the outage.")
    static let expect = Key.optional("expect", ExpectationsEntry.form, "What must hold for the rehearsal to succeed.")

    static let form = Form<RehearsalEntry>.mapping(
        "rehearsal", "What is rehearsed and how it is measured.", keys: [duration, resetAt, probes, expect]
    ) {
        RehearsalEntry(duration: $0[duration], resetAt: $0[resetAt], probes: $0[probes], expectations: $0[expect])
    }
}

extension ProbesEntry {
    static let rate = Key.optional(
        "rate", .number(RehearsalRule.probeRates),
        "Packets per second, in each direction of each connection. Default: \(RehearsalRule.standard.probeRate.short).")
    static let payload = Key.optional(
        "payload", .integer(RehearsalRule.probePayloads), "Bytes of UDP payload. Default: \(RehearsalRule.standard.probePayload).")

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
