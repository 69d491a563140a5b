import Measurement
import Testing

/// A gateway `vpn` with connections `a` and `b`; the times are steps of one.
struct HealthHistoryTests {
    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// `kind subject detail`.
        let events: [String]
        /// `time resource availability reason [cause, planned]`, in order.
        let entries: [String]
        var isActiveActive = false
        var carriesSecurity = false

        init(_ description: String, _ events: [String], _ entries: [String]) {
            (testDescription, self.events, self.entries) = (description, events, entries)
        }

        func activeActive() -> Story {
            var story = self
            story.isActiveActive = true
            return story
        }

        func carrying() -> Story {
            var story = self
            story.carriesSecurity = true
            return story
        }
    }

    static let stories = [
        Story("nothing happened", ["announced gateway-0", "rekeyed a site"], []),
        Story(
            "a reset",
            [
                "reset-requested vpn gateway-0", "active-down gateway-0", "failure-detected gateway-1", "standby-took-addresses gateway-1",
                "site-security-installed a", "gateway-security-installed a", "gateway-security-installed b", "instance-back gateway-0",
                "reset-finished vpn gateway-0",
            ],
            [
                "0-3 vpn Unavailable reset requested (gateway-0) [UserInitiated]",
                "0-5 a Unavailable reset requested (gateway-0) [UserInitiated]",
                "0-6 b Unavailable reset requested (gateway-0) [UserInitiated]",
                "3-6 vpn Degraded gateway-1 has taken over; connections not back yet [UserInitiated]",
                "5- a Available connected", "6- b Available connected", "6- vpn Available every connection is back",
            ]),
        Story(
            "planned maintenance of the active instance",
            [
                "maintenance-started vpn gateway-0", "active-down gateway-0", "standby-took-addresses gateway-1",
                "gateway-security-installed a", "gateway-security-installed b",
            ],
            [
                "1-2 vpn Unavailable planned maintenance of gateway-0 [PlatformInitiated, planned]",
                "1-3 a Unavailable planned maintenance of gateway-0 [PlatformInitiated, planned]",
                "1-4 b Unavailable planned maintenance of gateway-0 [PlatformInitiated, planned]",
                "2-4 vpn Degraded gateway-1 has taken over; connections not back yet [PlatformInitiated, planned]",
                "3- a Available connected", "4- b Available connected", "4- vpn Available every connection is back",
            ]),
        Story(
            "the standby's failure is seen by nobody", ["instance-failed vpn gateway-1", "instance-back gateway-1"], []),
        Story(
            "the active instance's failure",
            ["instance-failed vpn gateway-0", "active-down gateway-0"],
            [
                "1- vpn Unavailable gateway-0 failed [PlatformInitiated, unplanned]",
                "1- a Unavailable gateway-0 failed [PlatformInitiated, unplanned]",
                "1- b Unavailable gateway-0 failed [PlatformInitiated, unplanned]",
            ]),
        Story(
            "a second reset before the first is over",
            [
                "reset-requested vpn gateway-0", "active-down gateway-0", "standby-took-addresses gateway-1",
                "reset-requested vpn gateway-1", "active-down gateway-1", "gateway-down vpn",
            ],
            [
                "0-2 vpn Unavailable reset requested (gateway-0) [UserInitiated]",
                "0- a Unavailable reset requested (gateway-0) [UserInitiated]",
                "0- b Unavailable reset requested (gateway-0) [UserInitiated]",
                "2-3 vpn Degraded gateway-1 has taken over; connections not back yet [UserInitiated]",
                "3-5 vpn Unavailable reset requested (gateway-1) [UserInitiated]",
                "5- vpn Unavailable no instance forwards; reset requested (gateway-1) [UserInitiated]",
            ]),
        Story(
            "a connection that was down before keeps no gateway degraded",
            [
                "key-exchange-failed b AUTHENTICATION_FAILED", "reset-requested vpn gateway-0", "standby-took-addresses gateway-1",
                "gateway-security-installed a",
            ],
            [
                "0- b Unavailable key exchange failed: AUTHENTICATION_FAILED",
                "1-2 vpn Unavailable reset requested (gateway-0) [UserInitiated]",
                "1-3 a Unavailable reset requested (gateway-0) [UserInitiated]",
                "2-3 vpn Degraded gateway-1 has taken over; connections not back yet [UserInitiated]",
                "3- a Available connected", "3- vpn Available every connection is back",
            ]),
        Story(
            "SAs that move along",
            ["reset-requested vpn gateway-0", "active-down gateway-0", "standby-took-addresses gateway-1"],
            [
                "0-2 vpn Unavailable reset requested (gateway-0) [UserInitiated]",
                "0-2 a Unavailable reset requested (gateway-0) [UserInitiated]",
                "0-2 b Unavailable reset requested (gateway-0) [UserInitiated]",
                "2- a Available gateway-1 has taken over, with its SAs", "2- b Available gateway-1 has taken over, with its SAs",
                "2- vpn Available gateway-1 has taken over",
            ]
        ).carrying(),
        Story(
            "a connection reset, twice",
            [
                "connection-reset-requested a", "connection-reset-requested a", "gateway-security-installed a",
                "connection-reset-finished a",
            ],
            [
                "0-1 a Unavailable reset requested [UserInitiated]", "1-2 a Unavailable reset requested [UserInitiated]",
                "2- a Available connected",
            ]),
        Story(
            "a dead peer, told twice", ["peer-dead b site: nothing heard for 45 s", "tunnel-down b", "gateway-security-installed b"],
            ["0-2 b Unavailable dead peer: site: nothing heard for 45 s", "2- b Available connected"]),
        Story(
            "a connection that nobody begins", ["not-connected b", "gateway-security-installed b"],
            ["0-1 b Unavailable not connected", "1- b Available connected"]),
        Story(
            "active-active: a connection reset",
            ["connection-reset-requested a", "tunnel-down a office: deleted", "gateway-security-installed a"],
            ["0-2 a Unavailable reset requested [UserInitiated]", "2- a Available connected"]
        ).activeActive(),
        Story(
            "a cut line", ["link-cut line-a", "peer-dead a gateway", "link-restored line-a", "gateway-security-installed a"],
            ["0-3 a Unavailable the line of line-a is cut", "3- a Available connected"]),
        Story(
            "a short cut", ["link-cut line-a", "link-restored line-a"],
            ["0-1 a Unavailable the line of line-a is cut", "1- a Available the line of line-a is back"]),
        Story("another's line", ["link-cut gateway-0", "link-restored gateway-0"], []),
        Story(
            "active-active: one instance is away",
            [
                "reset-requested vpn gateway-0", "active-down gateway-0", "instance-back gateway-0", "gateway-security-installed a",
                "gateway-security-installed b",
            ],
            [
                "1-2 vpn Degraded reset requested (gateway-0) [UserInitiated]",
                "1-3 a Degraded reset requested (gateway-0) [UserInitiated]",
                "1-4 b Degraded reset requested (gateway-0) [UserInitiated]", "2- vpn Available gateway-0 is back",
                "3- a Available connected", "4- b Available connected",
            ]
        ).activeActive(),
        Story(
            "active-active: both are away",
            [
                "reset-requested vpn gateway-0", "active-down gateway-0", "reset-requested vpn gateway-1", "active-down gateway-1",
                "instance-back gateway-0", "gateway-security-installed a",
            ],
            [
                "1-3 vpn Degraded reset requested (gateway-0) [UserInitiated]",
                "1-3 a Degraded reset requested (gateway-0) [UserInitiated]",
                "1-3 b Degraded reset requested (gateway-0) [UserInitiated]",
                "3-4 vpn Unavailable reset requested (gateway-1) [UserInitiated]",
                "3-5 a Unavailable reset requested (gateway-1) [UserInitiated]",
                "3- b Unavailable reset requested (gateway-1) [UserInitiated]",
                "4- vpn Degraded reset requested (gateway-1) [UserInitiated]",
                "5- a Degraded reset requested (gateway-1) [UserInitiated]",
            ]
        ).activeActive(),
    ]

    @Test(arguments: stories) func history(story: Story) {
        let events = story.events.enumerated().map { time, text in
            let words = text.split(separator: " ", maxSplits: 2).map(String.init)
            return TimelineEvent(at: Int64(time), kind: words[0], subject: words[1], detail: words.count > 2 ? words[2] : nil)
        }
        let entries = HealthHistory.entries(
            of: events, gateway: "vpn", connections: ["a", "b"], links: ["line-a", "line-b"], isActiveActive: story.isActiveActive,
            carriesSecurity: story.carriesSecurity)
        #expect(entries.map(text) == story.entries)
    }

    private func text(_ entry: HealthEntry) -> String {
        let cause = [entry.cause?.rawValue, entry.isPlanned.map { $0 ? "planned" : "unplanned" }].compactMap { $0 }
        return "\(entry.since)-\(entry.until.map { "\($0)" } ?? "") \(entry.resource) \(entry.availability.rawValue) \(entry.reason)"
            + (cause.isEmpty ? "" : " [\(cause.joined(separator: ", "))]")
    }
}
