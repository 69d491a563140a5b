import LabPlan

/// A rehearsal file as written.
struct RehearsalFileEntry: Sendable {
    var name: Written<String>?
    var duration: Written<Duration>?
    var probes: ProbesEntry?
    var applications: ApplicationsEntry?
    var timing: TimingEntry?
    var steps: Written<[StepEntry]>?
    var expectations: [ExpectationEntry]?
}

extension RehearsalFileEntry {
    /// The format's version.
    static let version = 1
    static let mostSteps = 1_000
    static let mostExpectations = 1_000

    static let rehearsal = Key.required(
        "rehearsal", .choice([("\(version)", version)], schema: ["const": .integer(version)]), "The format's version.")
    static let name = Key.required("name", .name(.site), "The rehearsal's name.")
    static let duration = Key.optional(
        "duration", .duration(RehearsalRule.durations),
        "How long the measured part takes. Default: \(RehearsalRule.standardDuration.text).")
    static let probes = Key.optional("probes", ProbesEntry.form, "The packets whose loss is the outage.")
    static let applications = Key.optional(
        "applications", ApplicationsEntry.form,
        "What uses each connection besides the probes: \"standard\", or what it is. Default: nothing, unless it is asked for when the rehearsal is run."
    )
    static let timing = Key.optional(
        "timing", TimingEntry.form, "How long each step of a failover takes, instead of the topology's own timing. Default: the topology's."
    )
    static let steps = Key.required(
        "steps", .list(1...mostSteps, of: StepEntry.form, named: "steps"),
        "What is done, in order: each step begins at its own time, after an event, or right after the one before.")
    static let expect = Key.optional(
        "expect", .list(1...mostExpectations, of: ExpectationEntry.form, named: "expectations"),
        "What must hold for the rehearsal to succeed. Default: only that no probe crosses the internet in clear.")

    static let form = Form<RehearsalFileEntry>.mapping(
        "rehearsal", "A rehearsal: what is done to a lab and when, how it is measured, and what must hold.",
        keys: [rehearsal, name, duration, probes, applications, timing, steps, expect]
    ) {
        RehearsalFileEntry(
            name: $0.written(name), duration: $0.written(duration), probes: $0[probes], applications: $0[applications],
            timing: $0[timing], steps: $0.written(steps), expectations: $0[expect])
    }
}
