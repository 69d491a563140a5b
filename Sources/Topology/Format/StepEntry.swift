import Addressing
import LabPlan

/// A step of a rehearsal as written.
struct StepEntry: Sendable {
    enum Action: Sendable {
        case resetGateway(address: Written<IPAddress>?)
        case resetConnection(Written<String>)
        case failInstance(Written<InstanceChoice>)
        case maintainInstance(Written<InstanceChoice>)
        case cutLink(Written<String>, for: Duration?)
        case restoreLink(Written<String>)
        case flapLink(Written<String>, down: Duration, up: Duration, times: Int)
        case impairLink(Written<String>, ImpairmentEntry, LinkDirection, for: Duration?)
        case dropAnnouncements(Int)
        case waitUntilRecovered(within: Written<Duration>)
    }

    var path: String
    var at: Written<Duration>?
    var after: Written<String>?
    var by: Written<Duration>?
    /// nil when something of it is missing or wrong, which has been reported then.
    var action: Action?
}

extension StepEntry {
    private static let longest = Duration.seconds(86_400)
    private static let pauses: ClosedRange<Duration> = .milliseconds(1)...longest

    // MARK: - When

    private static let at = Key.optional(
        "at", .duration(.zero...longest),
        "When it begins, from the start of the measured part. The first step needs it: 15s at least, as RFC 6201 has it.")
    private static let after = Key.optional(
        "after", .choice(EventKinds.all.map { ($0, $0) }),
        "The event after which it begins: the first of this kind since the step before began. Default: right after the step before is done."
    )
    private static let by = Key.optional("by", .duration(.zero...longest), "How long after the event. Default: 0s.")

    // MARK: - With what

    private static let address = Key.optional(
        "address", .address,
        "One of the gateway's addresses: the instance whose own it is restarts. Default: the active instance, or the primary of an active-active gateway."
    )
    private static let connection = Key.required(
        "connection", .name(.gateway), "The connection, by its name or its site's; first for the first.")
    private static let instance = Key.required(
        "instance",
        .choice([("active", .active), ("standby", .standby)] + NodeNames.instances.enumerated().map { ($1, InstanceChoice.index($0)) }),
        "The instance. Of an active-active gateway active is the primary one, and there is no standby.")
    private static let link = Key.required(
        "link", .linkName,
        "The link, by the node that it leads to: a site's name, gateway-0 for that instance's link to the internet, gateway-0:inside for the one to the "
            + "virtual network; first for the first site's.")
    private static let forTime = Key.optional("for", .duration(pauses), "How long. Default: until it is restored.")
    private static let down = Key.required("down", .duration(pauses), "How long it is down each time.")
    private static let up = Key.required("up", .duration(pauses), "How long it is up after each time.")
    private static let times = Key.required("times", .integer(1...1_000), "How often.")
    private static let direction = Key.optional(
        "direction", .choice(LinkDirection.self),
        "Which packets: those to the node that the link is called by, those from it, or both. Default: both.")
    private static let count = Key.required("count", .integer(1...1_000), "How many of the next announcements are not sent.")
    private static let within = Key.required(
        "within", .duration(.seconds(1)...longest), "How long it is waited at most; then the next step begins all the same.")

    // MARK: - What

    /// A kind of step: the words of its `do`, its own keys, and what they make.
    private struct Kind: Sendable {
        let words: String
        let form: Form<StepEntry>

        init(
            _ words: String, _ definition: String, _ documentation: String, _ keys: [any FormatKey],
            make: @escaping @Sendable (Fields) -> Action?
        ) {
            self.words = words
            let what = Key.required("do", .choice([(words, words)]), documentation)
            form = .mapping(definition, documentation, keys: [at, after, by, what] + keys) {
                StepEntry(path: $0.path, at: $0.written(at), after: $0.written(after), by: $0.written(by), action: make($0))
            }
        }
    }

    private static let kinds = [
        Kind("reset gateway", "resetGateway", "Requests a reset of the gateway.", [address]) {
            .resetGateway(address: $0.written(address))
        },
        Kind("reset connection", "resetConnection", "Removes one connection's SAs at both ends, which are agreed on anew.", [connection]) {
            $0.written(connection).map { .resetConnection($0) }
        },
        Kind("fail instance", "failInstance", "Ends an instance without warning.", [instance]) {
            $0.written(instance).map { .failInstance($0) }
        },
        Kind("maintain instance", "maintainInstance", "Restarts an instance for planned maintenance.", [instance]) {
            $0.written(instance).map { .maintainInstance($0) }
        },
        Kind("cut link", "cutLink", "Lets a link carry nothing.", [link, forTime]) { fields in
            fields.written(link).map { .cutLink($0, for: fields[forTime]) }
        },
        Kind("restore link", "restoreLink", "Lets a link carry packets again, with its own impairment.", [link]) {
            $0.written(link).map { .restoreLink($0) }
        },
        Kind("flap link", "flapLink", "Takes a link down and up again, several times.", [link, down, up, times]) { fields in
            guard let link = fields.written(link), let down = fields[down], let up = fields[up], let times = fields[times] else {
                return nil
            }
            return .flapLink(link, down: down, up: up, times: times)
        },
        Kind(
            "impair link", "impairLink", "Gives a link another impairment: keys left out are none of it.",
            [link, direction, ImpairmentEntry.delay, ImpairmentEntry.jitter, ImpairmentEntry.loss, ImpairmentEntry.rate, forTime]
        ) { fields in
            fields.written(link).map { .impairLink($0, ImpairmentEntry(fields), fields[direction] ?? .both, for: fields[forTime]) }
        },
        Kind("drop announcements", "dropAnnouncements", "Lets the next announcements of moved addresses go missing.", [count]) {
            $0[count].map { .dropAnnouncements($0) }
        },
        Kind(
            "wait until recovered", "waitUntilRecovered",
            "Waits until every flow has arrived for the longer of 5 s and 5 probes (RFC 6412).", [within]
        ) {
            $0.written(within).map { .waitUntilRecovered(within: $0) }
        },
    ]

    static let form = Form<StepEntry>.tagged(by: "do", kinds.map { ($0.words, $0.form) })
}

extension Form where Value == String {
    /// A node's name, and which of its links where it has two.
    static var linkName: Form {
        let rule = NameRule.site
        return .scalar(
            allowed: "a node's name, such as tokyo, gateway-0 or gateway-0:inside",
            schema: ["type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}(:(inside|outside))?$"]
        ) { text in
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2, parts[1] != "inside", parts[1] != "outside" { return .problem("with an unknown side") }
            return rule.problem(of: parts[0]).map { .problem($0) } ?? .value(text)
        }
    }
}
