import LabPlan

/// The gateway's timing as written: a profile, and values that replace its own.
struct TimingEntry: Sendable {
    var profile: TimingProfile?
    var detection: Duration?
    var takeover: Duration?
    var maintenance: FailoverEntry?
    var failure: FailoverEntry?
    var boot: Duration?
    var announcements: AnnouncementsEntry?
    var keyExchange: RetransmissionEntry?

    /// The profile with what is written instead; `custom` when that is anything.
    var plan: TimingPlan {
        let profile = profile ?? .standard
        var plan = profile.plan
        if let detection { plan.reset.detection = detection }
        if let takeover { plan.reset.takeover = takeover }
        maintenance?.replace(in: &plan.maintenance)
        failure?.replace(in: &plan.failure)
        if let boot { plan.boot = boot }
        if let count = announcements?.count { plan.announcements.count = count }
        if let interval = announcements?.interval { plan.announcements.interval = interval }
        if let timeout = keyExchange?.timeout { plan.keyExchange.timeout = timeout }
        if let base = keyExchange?.base { plan.keyExchange.base = base }
        if let tries = keyExchange?.tries { plan.keyExchange.tries = tries }
        if plan != profile.plan { plan.profile = TimingProfile.custom }
        return plan
    }
}

struct FailoverEntry: Sendable {
    var detection: Duration?
    var takeover: Duration?

    func replace(in plan: inout TimingPlan.Failover) {
        if let detection { plan.detection = detection }
        if let takeover { plan.takeover = takeover }
    }
}

struct AnnouncementsEntry: Sendable {
    var count: Int?
    var interval: Duration?
}

struct RetransmissionEntry: Sendable {
    var path: String
    var timeout: Duration?
    var base: Double?
    var tries: Int?
}

extension TimingEntry {
    static let profile = Key.optional(
        "profile", .choice(TimingProfile.all.map { ($0.name, $0) }),
        "Whose durations are taken. Default: \(TimingProfile.standard.name).")
    static let detection = Key.optional(
        "detection", FailoverEntry.durations,
        "From the active instance's end, after a reset, to the standby's notice. Default: the profile's.")
    static let takeover = Key.optional(
        "takeover", FailoverEntry.durations, "From the notice, after a reset, to the addresses' move. Default: the profile's.")
    static let maintenance = Key.optional(
        "maintenance", FailoverEntry.form, "Both durations after the beginning of planned maintenance. Default: the profile's.")
    static let failure = Key.optional(
        "failure", FailoverEntry.form, "Both durations after an instance's unplanned end. Default: the profile's.")
    static let boot = Key.optional(
        "boot", .duration(.zero ... .seconds(86_400)), "From an instance's restart until it is back. Default: the profile's.")
    static let announcements = Key.optional("announcements", AnnouncementsEntry.form, "How often a moved address is announced.")
    static let keyExchange = Key.optional("keyExchange", RetransmissionEntry.form, "When a request of the key exchange is sent again.")

    static let form = Form<TimingEntry>.mapping(
        "timing", "How long each step of a failover takes.",
        keys: [profile, detection, takeover, maintenance, failure, boot, announcements, keyExchange]
    ) {
        TimingEntry(
            profile: $0[profile], detection: $0[detection], takeover: $0[takeover], maintenance: $0[maintenance], failure: $0[failure],
            boot: $0[boot], announcements: $0[announcements], keyExchange: $0[keyExchange])
    }
}

extension FailoverEntry {
    static let durations = Form<Duration>.duration(.zero ... .seconds(3_600))

    static let detection = Key.optional("detection", durations, "From the instance's end to its peer's notice. Default: the profile's.")
    static let takeover = Key.optional("takeover", durations, "From the notice to the addresses' move. Default: the profile's.")

    static let form = Form<FailoverEntry>.mapping(
        "failover", "The steps from an instance's end to its peer's forwarding.", keys: [detection, takeover]
    ) {
        FailoverEntry(detection: $0[detection], takeover: $0[takeover])
    }
}

extension AnnouncementsEntry {
    static let count = Key.optional("count", .integer(1...100), "How often. Default: 5.")
    static let interval = Key.optional(
        "interval", .duration(.milliseconds(10) ... .seconds(60)),
        "How far apart. Default: 1.1s, as a neighbour ignores changes within 1 s of the last one.")

    static let form = Form<AnnouncementsEntry>.mapping(
        "announcements", "The announcements of a moved address (gratuitous ARP, unsolicited neighbour advertisement).",
        keys: [count, interval]
    ) {
        AnnouncementsEntry(count: $0[count], interval: $0[interval])
    }
}

extension RetransmissionEntry {
    static let timeout = Key.optional("timeout", .duration(.milliseconds(10) ... .seconds(60)), "The first wait. Default: 4s.")
    static let base = Key.optional("base", .number(1...10), "Every further wait is this much longer. Default: 1.8.")
    static let tries = Key.optional("tries", .integer(0...20), "How many repetitions before giving up. Default: 5.")

    static let form = Form<RetransmissionEntry>.mapping(
        "retransmission", "A request's n-th wait is timeout × base^n; all waits together take a day at most.", keys: [timeout, base, tries]
    ) {
        RetransmissionEntry(path: $0.path, timeout: $0[timeout], base: $0[base], tries: $0[tries])
    }
}
