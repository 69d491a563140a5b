import Measurement
import Testing

@Suite struct BreakdownTests {
    private static let second: Int64 = 1_000_000_000
    private static let subject = Breakdown.Subject(connection: "hq", nextHop: "internet", links: ["hq", "gateway-0"])

    private static func event(_ seconds: Double, _ kind: String, _ subject: String) -> TimelineEvent {
        TimelineEvent(at: Int64(seconds * 1e9), kind: kind, subject: subject)
    }

    private static func breakdown(
        _ start: Double, _ recovery: Double?, events: [TimelineEvent], notices: [TimelineEvent] = [], slack: Double = 0.02
    ) -> Breakdown {
        let recovery = recovery.map { Int64($0 * 1e9) }
        return Breakdown(
            of: Disruption(
                start: Int64(start * 1e9), end: (recovery ?? 90 * second) - second / 10, lost: 10, recovery: recovery,
                sustained: recovery.map { $0 + 5 * second }), subject: subject,
            in: Breakdown.Record(events: events, notices: notices), slack: Int64(slack * 1e9))
    }

    private static let reset = [
        event(20, "reset-requested", "VNet1GW"), event(20.01, "active-down", "gateway-0"), event(30, "failure-detected", "gateway-1"),
        event(35, "standby-took-addresses", "gateway-1"), event(35.01, "key-exchange-started", "other"),
        event(35.02, "key-exchange-started", "hq"), event(35.06, "key-exchange-completed", "other"),
        event(35.1, "key-exchange-completed", "hq"), event(60, "key-exchange-started", "hq"),
    ]

    @Test("A reset's moments, in order, each with who told of it")
    func reset() {
        let notices = [
            Self.event(35.001, "neighbour-updated", "internet"), Self.event(35.002, "neighbour-updated", "vnet"),
            Self.event(35.08, "site-association-added", "hq"), Self.event(35.09, "site-association-added", "hq"),
            Self.event(35.095, "gateway-association-added", "hq"), Self.event(35.2, "gateway-association-added", "other"),
        ]
        let found = Self.breakdown(20.02, 35.12, events: Self.reset, notices: notices)
        #expect(found.trigger == "reset-requested")
        #expect(
            found.marks.map(\.moment) == [
                .trigger, .activeDown, .firstLoss, .detected, .addressMoved, .neighbourUpdated, .keyExchangeStarted, .siteInstalled,
                .gatewayInstalled, .keyExchangeDone, .firstArrival, .sustained,
            ])
        #expect(found[.neighbourUpdated] == 35_001_000_000)
        // Both of a site's SAs are there with the second, and another connection's, or a later exchange, do not count.
        #expect(found[.siteInstalled] == 35_090_000_000)
        #expect(found[.gatewayInstalled] == 35_095_000_000)
        #expect(found[.keyExchangeStarted] == 35_020_000_000)
        #expect(found[.sustained] == 40_120_000_000)
        #expect(Set(found.marks.filter { $0.source == .kernel }.map(\.moment)) == [.neighbourUpdated, .siteInstalled, .gatewayInstalled])
    }

    @Test("A probe that was under way when the instance went down was sent before the request")
    func slack() {
        #expect(Self.breakdown(19.99, 35.12, events: Self.reset).marks.map(\.moment).prefix(2) == [.firstLoss, .trigger])
        #expect(Self.breakdown(19.99, 35.12, events: Self.reset, slack: 0).trigger == nil)
    }

    @Test("What was done after the recovery is no cause of it, however long probes take")
    func afterwards() {
        let events = [Self.event(20, "connection-reset-requested", "hq"), Self.event(21, "link-impaired", "hq")]
        #expect(Self.breakdown(20, 20.2, events: events, slack: 2).trigger == "connection-reset-requested")
    }

    @Test("Of two resets in one disruption the first caused it, and what led to the recovery is the last")
    func twoResets() {
        let events = [
            Self.event(20, "reset-requested", "VNet1GW"), Self.event(20.01, "active-down", "gateway-0"),
            Self.event(30, "failure-detected", "gateway-1"), Self.event(35, "standby-took-addresses", "gateway-1"),
            Self.event(36, "reset-requested", "VNet1GW"), Self.event(36.01, "active-down", "gateway-1"),
            Self.event(80, "standby-took-addresses", "gateway-0"),
        ]
        let found = Self.breakdown(20.02, 80.1, events: events)
        #expect(found[.trigger] == 20 * Self.second)
        #expect(found[.activeDown] == 20_010_000_000)
        #expect(found[.addressMoved] == 80 * Self.second)
    }

    @Test("An exchange that waited for its turn waited from its own place in the line on")
    func queued() {
        let events =
            Array(Self.reset[..<4])
            + [
                Self.event(35.01, "key-exchange-queued", "hq"), Self.event(35.02, "key-exchange-queued", "other"),
                Self.event(38, "key-exchange-started", "hq"), Self.event(38.1, "key-exchange-completed", "hq"),
            ]
        let found = Self.breakdown(20.02, 38.2, events: events)
        #expect(found[.exchangeQueued] == 35_010_000_000)
        #expect(
            found.marks.map(\.moment).suffix(5) == [.exchangeQueued, .keyExchangeStarted, .keyExchangeDone, .firstArrival, .sustained])
        #expect(Self.breakdown(20.02, 35.12, events: Self.reset)[.exchangeQueued] == nil)
    }

    @Test("A cut of another site's link is no cause, one of the own or an instance's is")
    func links() {
        func trigger(_ link: String) -> String? { Self.breakdown(20.02, 25, events: [Self.event(20, "link-cut", link)]).trigger }
        #expect(trigger("other") == nil)
        #expect(trigger("hq") == "link-cut")
        #expect(trigger("gateway-0") == "link-cut")
    }

    @Test("An outage that is not over has no arrival and nothing sustained")
    func open() {
        let found = Self.breakdown(20.02, nil, events: Self.reset)
        #expect(found[.firstArrival] == nil)
        #expect(found[.sustained] == nil)
        #expect(found[.keyExchangeStarted] == 60 * Self.second)
    }
}
