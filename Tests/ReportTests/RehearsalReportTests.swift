import Foundation
import Measurement
import Report
import Testing

@Suite struct RehearsalReportTests {
    @Test("The JSON form, to the byte")
    func golden() throws {
        try Documentation.expectExample("report.example.json", equals: Sample.example().json())
    }

    @Test("What is read back is what was written, and writes the same bytes")
    func roundTrip() throws {
        let report = Sample.example()
        let read = try RehearsalReport(json: report.json())
        #expect(read == report)
        #expect(try read.json() == report.json())
    }

    @Test("A result survives its way from the agent")
    func result() throws {
        let result = Sample.result(flows: Sample.flows, applications: Sample.applications)
        #expect(try JSONDecoder().decode(RehearsalResult.self, from: JSONEncoder().encode(result)) == result)
    }

    @Test("The outage's numbers are those of RFC 6201's methods")
    func outage() {
        let outage = Sample.report().flows[0].outage
        #expect(outage.frameLoss == Milliseconds(nanoseconds: 118 * 100 * Sample.millisecond))
        // The delays of the two probes differ: each is (sequence % 7) steps of 1,001 ns.
        #expect(outage.timestamp == Milliseconds(nanoseconds: 119 * 100 * Sample.millisecond + Int64(318 % 7 - 199 % 7) * 1_001))
        #expect(outage.resolution == Milliseconds(nanoseconds: 100 * Sample.millisecond))
        #expect(outage.causes == ["XfrmInNoStates@gateway-1": 115, "unexplained": 3])
        #expect(outage.backgroundLost == 1)
    }

    @Test("Causes that share a label add up; a node outside the plan is named by its number")
    func labels() {
        let stray = CounterKey(node: 77, interface: "eth0", name: "rx_dropped")
        let flow = Sample.flow("hq", .toGateway, Sample.trace(lost: 3), causes: [[LossCause(counter: stray, packets: 3)]])
        #expect(Sample.report(flows: [flow]).flows[0].lossPeriods.map(\.causes) == [["rx_dropped@node 77/eth0": 3]])
    }

    @Test("The ledger's lines add up")
    func ledger() {
        let ledger = Sample.report().ledger
        #expect((ledger.lost, ledger.explained, ledger.unexplained) == (119, 116, 3))
        #expect(ledger.counters.map(\.counter) == ["qdisc_drops@internet/s0001", "XfrmInNoStates@gateway-1"])
        #expect(ledger.counters.map(\.delta) == [2, 116])
    }

    @Test("The kernel's own reasons are told with their places, and how many are missing")
    func dropReasons() throws {
        var result = Sample.result(flows: Sample.flows)
        result.drops = DropTally(
            totals: [
                .init(reason: "OTHERHOST", function: "ip_rcv_core", node: 3, interface: "out", packets: 118),
                .init(reason: nil, function: nil, node: nil, interface: nil, packets: 2),
            ], missed: 7)
        let report = RehearsalReport(
            result: result, plan: Sample.plan(), version: "1.0.0", backend: .guest, clock: .virtual, timingSources: [])
        let text = TerminalReport(report, usesColour: false).text
        #expect(text.contains("    118  OTHERHOST            ip_rcv_core()  gateway-1/out"))
        #expect(text.contains("      2  not told             not told       made there"))
        #expect(text.contains("The kernel could not tell of 7 more drops."))
        #expect(try RehearsalReport(json: report.json()) == report)
        // Where a loss is a puzzle and nobody asked, the report says who could be asked.
        #expect(TerminalReport(Sample.report(), usesColour: false).text.contains("--drop-reasons"))
    }

    @Test(
        "Expectations decide the verdict",
        arguments: [
            (118, Duration.seconds(60), RehearsalReport.Verdict.passed, "the longest is 11.8 s (hq, site-to-gateway)"),
            (118, .milliseconds(11_800), .passed, "the longest is 11.8 s (hq, site-to-gateway)"),
            (118, .milliseconds(11_799), .failed, "the longest is 11.8 s (hq, site-to-gateway)"),
            (0, .zero, .passed, "no outage"),
            (700, .seconds(600), .failed, "hq, site-to-gateway had not recovered at the end"),
            (690, .seconds(600), .failed, "hq, site-to-gateway: the measurement ended before its recovery was seen to hold"),
        ])
    func maximumOutage(lost: Int, allowed: Duration, verdict: RehearsalReport.Verdict, found: String) {
        let flows = [Sample.flow("hq", .toSite, Sample.trace(lost: 0)), Sample.flow("hq", .toGateway, Sample.trace(lost: lost))]
        let report = Sample.report(flows: flows, maximumOutage: allowed)
        #expect(report.verdict == verdict)
        #expect(report.expectations.first?.found == found)
    }

    @Test("What waited for its turn is told, in words, in JSON and in the page; of what the site began itself, nothing")
    func exchangeQueue() throws {
        func event(_ milliseconds: Int64, _ kind: String, _ place: String = "gateway-1") -> TimelineEvent {
            TimelineEvent(at: milliseconds * Sample.millisecond, kind: kind, subject: "hq", detail: place)
        }
        let queued = event(31_500, "key-exchange-queued")
        let events = Sample.events + [queued, event(31_600, "key-exchange-started", "hq"), event(31_690, "key-exchange-started")]
        let report = Sample.report(plan: Sample.plan(), events: events)
        #expect(report.exchangeQueue?.waited == 1)
        #expect(report.exchangeQueue?.limit == 32)
        #expect(report.exchangeQueue?.longestWait.nanoseconds == 190 * Sample.millisecond)
        #expect(try RehearsalReport(json: report.json()) == report)
        let words = "1 key exchange waited for its turn, the longest for 0.190 s: the gateway has 32 at once."
        #expect(TerminalReport(report, usesColour: false).text.contains(words))
        #expect(HTMLReport(report).text.contains("until the key exchange had its turn"))
        #expect(!HTMLReport(Sample.report()).text.contains("until the key exchange had its turn"))
        #expect(Sample.report().exchangeQueue == nil)
        let answered = Sample.events + [queued, event(31_650, "gateway-security-installed"), event(60_000, "key-exchange-started")]
        #expect(Sample.report(plan: Sample.plan(), events: answered).exchangeQueue == nil)
    }

    @Test("Without an expected outage only encryption is expected; a probe in clear fails it")
    func encryption() {
        let report = Sample.report(maximumOutage: nil)
        #expect(report.expectations.count == 1)
        #expect(report.verdict == .passed)
        let clear = Sample.report(maximumOutage: nil, clearText: 2)
        #expect(clear.verdict == .failed)
        #expect(clear.expectations.map(\.found) == ["probes seen in clear on the internet: 2"])
    }
}
