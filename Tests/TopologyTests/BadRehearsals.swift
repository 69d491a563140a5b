import Testing

@testable import Topology

/// A change to the good rehearsal, and all that is to be said of it.
struct BadRehearsal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var expected: [BadTopology.Expected]

    init(_ title: String, _ replacements: [Int: String], _ expected: BadTopology.Expected...) {
        testDescription = title
        text = GoodRehearsal.with(replacements)
        self.expected = expected
    }

    static let documents = [
        BadRehearsal(
            "an empty file", Dictionary(uniqueKeysWithValues: GoodRehearsal.lines.indices.map { ($0 + 1, "") }),
            .init("1:1 ", "an empty file", "a rehearsal, which begins with \"rehearsal: 1\"")),
        BadRehearsal("another version", [1: "rehearsal: 2"], .init("1:12 rehearsal", "\"2\"", "1")),
        BadRehearsal("a topology", [1: "resetlab: 1"], .init("1:1 rehearsal", "no such key"), .init("1:1 resetlab", "the unknown key")),
        BadRehearsal("a name with a space", [2: "name: a storm"], .init("2:7 name", "with \" \"")),
        BadRehearsal("too short", [3: "duration: 15s"], .init("3:11 duration", "too short", "from 16s to 24h")),
        BadRehearsal("no steps", [6: "steps: []", 7: "", 8: "", 9: ""], .init("6:8 steps", "an empty list", "1 to 1000 steps")),
        BadRehearsal("an unknown profile", [5: "timing: {profile: azure}"], .init("5:19 timing.profile", "\"azure\"", "azure-2016")),
        BadRehearsal(
            "retransmission for years", [5: "timing: {keyExchange: {base: 10, tries: 20}}"],
            .init("5:23 timing.keyExchange", "more than a day")),
    ]

    static let applications = [
        BadRehearsal(
            "another word", [5: "applications: some"], .init("5:15 applications", "\"some\"", "standard; or a mapping with messages")),
        BadRehearsal(
            "an unknown application", [5: "applications: {mesages: {}}"],
            .init("5:16 applications.mesages", "did you mean \"messages\"?", "messages, requests or userTimeout")),
        BadRehearsal(
            "no messages at all", [5: "applications: {messages: {rate: 0}}"],
            .init("5:33 applications.messages.rate", "too small", "from 0.1 to 1000")),
        BadRehearsal(
            "an answer too large", [5: "applications: {requests: {answer: 2000000}}"],
            .init("5:35 applications.requests.answer", "too large", "1048576")),
        BadRehearsal(
            "no patience", [5: "applications: {userTimeout: 0s, requests: {timeout: 1ms}}"],
            .init("5:29 applications.userTimeout", "too short", "from 1s"),
            .init("5:53 applications.requests.timeout", "too short", "from 100ms")),
    ]

    static let steps = [
        BadRehearsal(
            "a step that does nothing", [8: "  - {after: announced}"],
            .init("8:5 steps[1].do", "no such key", "reset gateway, reset connection")),
        BadRehearsal(
            "an unknown step", [8: "  - {do: reset gatewy}"],
            .init("8:10 steps[1].do", "\"reset gatewy\", did you mean \"reset gateway\"?", "fail instance, maintain instance")),
        BadRehearsal("a step that is a value", [8: "  - reset gateway"], .init("8:5 steps[1]", "a single value", "a mapping with \"do\"")),
        BadRehearsal("a step in capitals", [8: "  - {Do: reset gateway}"], .init("8:5 steps[1].do", "no such key (but \"Do\")")),
        BadRehearsal(
            "a key of another step", [8: "  - {do: reset gateway, connection: osaka}"],
            .init("8:25 steps[1].connection", "the unknown key \"connection\"", "at, after, by, do or address")),
        BadRehearsal(
            "a missing key", [8: "  - {do: flap link, link: tokyo, down: 1s, times: 3}"],
            .init("8:5 steps[1].up", "no such key", "duration")),
        BadRehearsal(
            "a mistyped key", [8: "  - {do: cut link, lnk: tokyo}"], .init("8:5 steps[1].link", "no such key"),
            .init("8:20 steps[1].lnk", "did you mean \"link\"?")),
        BadRehearsal(
            "an unknown event", [8: "  - {after: standby-took-adresses, do: reset gateway}"],
            .init("8:13 steps[1].after", "did you mean \"standby-took-addresses\"?", "active-down, standby-down, gateway-down")),
        BadRehearsal(
            "a time and an event", [8: "  - {at: 30s, after: announced, do: reset gateway}"],
            .init("8:22 steps[1].after", "\"after\" beside \"at: 30s\"", "one of both")),
        BadRehearsal(
            "a delay after nothing", [8: "  - {by: 3s, do: reset gateway}"], .init("8:10 steps[1].by", "\"by\" without \"after\"")),
        BadRehearsal(
            "times that go back", [8: "  - {at: 19s, do: reset gateway}"],
            .init("8:10 steps[1].at", "19s after a step at 20s", "20s or later")),
        BadRehearsal(
            "a step after the end", [8: "  - {at: 300s, do: reset gateway}"],
            .init("8:10 steps[1].at", "a step at 5min in 5min", "before the end")),
        BadRehearsal(
            "no warm-up", [7: "  - {at: 14s, do: reset gateway}"],
            .init("7:10 steps[0].at", "a first step at 14s", "15s or later, as RFC 6201")),
        BadRehearsal(
            "a first step without a time", [7: "  - {do: reset gateway}"],
            .init("7:5 steps[0]", "a first step without \"at\"", "\"at: 15s\" or later")),
        BadRehearsal(
            "a first step with a wrong time", [7: "  - {at: 20, do: reset gateway}"], .init("7:10 steps[0].at", "without a unit")),
        BadRehearsal(
            "an unknown instance", [8: "  - {do: fail instance, instance: gateway-2}"],
            .init("8:35 steps[1].instance", "\"gateway-2\"", "active, standby, gateway-0 or gateway-1")),
        BadRehearsal(
            "a link's unknown side", [8: "  - {do: cut link, link: 'gateway-0:left'}"],
            .init("8:26 steps[1].link", "with an unknown side", "gateway-0:inside")),
        BadRehearsal(
            "a link of no length", [8: "  - {do: cut link, link: tokyo, for: 0s}"], .init("8:38 steps[1].for", "too short", "from 1ms")),
        BadRehearsal(
            "an unknown direction", [8: "  - {do: impair link, link: tokyo, loss: 1%, direction: out}"],
            .init("8:57 steps[1].direction", "\"out\"", "both, to or from")),
        BadRehearsal(
            "an impairment of nothing", [8: "  - {do: impair link, link: tokyo, for: 3s}"],
            .init("8:5 steps[1]", "an impairment that does nothing", "restore link")),
        BadRehearsal(
            "more jitter than delay", [8: "  - {do: impair link, link: tokyo, delay: 1ms, jitter: 2ms}"],
            .init("8:56 steps[1].jitter", "a jitter of 2ms", "at most the delay, 1ms")),
        BadRehearsal(
            "no announcement", [8: "  - {do: drop announcements, count: 0}"], .init("8:37 steps[1].count", "too small", "1 to 1000")),
        BadRehearsal("an endless wait", [9: "  - {do: wait until recovered}"], .init("9:5 steps[2].within", "no such key", "a duration")),
    ]

    static let expectations = [
        BadRehearsal(
            "an unknown quantity", [11: "  - outtage(tokyo) <= 60 s"],
            .init(
                "11:5 expect[0]", "\"outtage\" (did you mean \"outage\"?) in \"outtage(tokyo) <= 60 s\"",
                "outage, lost, recovery, unexplained")),
        BadRehearsal("nothing", [11: "  - ''"], .init("11:6 expect[0]", "nothing in \"\"")),
        BadRehearsal("a mapping", [11: "  - {outage: 60s}"], .init("11:5 expect[0]", "a mapping", "an expectation such as")),
        BadRehearsal(
            "a wrong comparison", [11: "  - outage(tokyo) =< 60 s"],
            .init("11:19 expect[0]", "\"=<\" (did you mean \"<=\"?)", "<, <=, ==, >= or >")),
        BadRehearsal("no comparison", [11: "  - outage(tokyo) 60 s"], .init("11:19 expect[0]", "\"60 s\"", "<, <=")),
        BadRehearsal("a wrong comparison in quotes", [11: "  - 'lost = 0'"], .init("11:11 expect[0]", "\"=\" (did you mean \"==\"?)")),
        BadRehearsal(
            "a direction without its connection", [11: "  - outage(, to-site) <= 60 s"],
            .init("11:12 expect[0]", "\", to-site) <= 60 s\"", "a connection's or a site's name, or all")),
        BadRehearsal(
            "an unknown direction", [11: "  - outage(tokyo, to-gatewy) <= 60 s"],
            .init("11:19 expect[0]", "did you mean \"to-gateway\"?", "to-gateway or to-site")),
        BadRehearsal("an open scope", [11: "  - outage(tokyo <= 60 s"], .init("11:18 expect[0]", "\"<= 60 s\"", "\")\"")),
        BadRehearsal(
            "a scope of what has none", [11: "  - unexplained(tokyo) == 0"], .init("11:16 expect[0]", "a scope", "a comparison")),
        BadRehearsal("no unit", [11: "  - outage <= 60"], .init("11:15 expect[0]", "\"60\", a number without a unit", "60 s")),
        BadRehearsal("an unclear unit", [11: "  - outage <= 1 m"], .init("11:15 expect[0]", "did you mean \"min\" or \"ms\"?")),
        BadRehearsal("no value", [11: "  - outage <="], .init("11:14 expect[0]", "nothing", "a duration")),
        BadRehearsal("a count with a unit", [11: "  - lost <= 5s"], .init("11:13 expect[0]", "\"5s\"", "a whole number")),
        BadRehearsal("a negative count", [11: "  - lost <= -5"], .init("11:13 expect[0]", "\"-5\"", "decimal digits")),
        BadRehearsal(
            "requests in one direction", [11: "  - failed-requests(tokyo, to-site) == 0"],
            .init("11:26 expect[0]", "a direction", "requests are the site's")),
        BadRehearsal("a stall as a number", [11: "  - stall <= 5"], .init("11:14 expect[0]", "\"5\", a number without a unit")),
        BadRehearsal("two expectations", [11: "  - lost == 0 and more"], .init("11:15 expect[0]", "\"and more\"", "nothing more")),
        BadRehearsal(
            "recovered at a time", [11: "  - recovered before 90 s"], .init("11:15 expect[0]", "\"before\"", "within")),
        BadRehearsal(
            "a wrong text over two lines", [11: "  - outage\n    = 5s"], .init("11:5 expect[0]", "\"=\"", "<, <=")),
    ]

    /// Right by themselves, but the topology has no such thing.
    static let names = [
        BadRehearsal(
            "an unknown connection", [8: "  - {do: reset connection, connection: osaca}"],
            .init(
                "8:40 steps[1].connection", "\"osaca\", no connection and no site of lab.yaml (did you mean \"osaka\"?)",
                "the connections tokyo or osaka, or their sites tokyo or osaka")),
        BadRehearsal(
            "an unknown link", [8: "  - {do: cut link, link: kyoto}"],
            .init(
                "8:26 steps[1].link", "\"kyoto\", no link of lab.yaml",
                "gateway-0, gateway-0:inside, gateway-1, gateway-1:inside, tokyo or osaka")),
        BadRehearsal(
            "a site's inside link", [8: "  - {do: cut link, link: 'tokyo:inside'}"], .init("8:26 steps[1].link", "\"tokyo:inside\"")),
        BadRehearsal(
            "an unknown address", [8: "  - {do: reset gateway, address: 203.0.113.99}"],
            .init("8:34 steps[1].address", "203.0.113.99, no address of GW", "203.0.113.10")),
        BadRehearsal(
            "an expectation of nobody", [11: "  - lost(all, to-site) == 0\n  - outage(tokio, to-site) <= 60 s"],
            .init("12:12 expect[1]", "\"tokio\", no connection and no site of lab.yaml (did you mean \"tokyo\"?)")),
        BadRehearsal(
            "two at once", [8: "  - {do: restore link, link: nara}", 11: "  - 'lost(nara) == 0'"],
            .init("8:30 steps[1].link", "\"nara\", no link"), .init("11:11 expect[0]", "\"nara\", no connection")),
    ]
}
