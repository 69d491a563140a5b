import LabPlan
import Measurement
import Report
import Testing

@Suite struct ComparisonTests {
    private static func change(
        _ old: [Int], _ new: [Int], tolerance: ReportComparison.Tolerance = .time(Milliseconds(nanoseconds: 0))
    ) throws -> ReportComparison.Change? {
        let comparison = ReportComparison(old: try TrialsTests.report(old), new: try TrialsTests.report(new), tolerance: tolerance)
        return try #require(comparison).flows.first?.change
    }

    @Test("Of single readings a difference counts beyond both resolutions, 0.1 s each")
    func single() throws {
        #expect(try Self.change([118], [118]) == .same)
        #expect(try Self.change([118], [120]) == .same)
        #expect(try Self.change([118], [121]) == .worse)
        #expect(try Self.change([121], [118]) == .better)
        #expect(try Self.change([0], [3]) == .worse)
    }

    @Test("A tolerance allows for growth, in time or in hundredths")
    func tolerance() throws {
        let halfSecond = ReportComparison.Tolerance.time(Milliseconds(nanoseconds: 500 * Sample.millisecond))
        #expect(try Self.change([118], [125], tolerance: halfSecond) == .same)
        #expect(try Self.change([118], [126], tolerance: halfSecond) == .worse)
        #expect(try Self.change([100], [112], tolerance: .percent(10)) == .same)
        #expect(try Self.change([100], [113], tolerance: .percent(10)) == .worse)
    }

    @Test("Of trials, what their spread explains is no change")
    func spread() throws {
        #expect(try Self.change([100, 110, 120, 130, 140], [104, 114, 124, 134, 144]) == .same)
        #expect(try Self.change([100, 101, 102, 103, 104], [120, 121, 122, 123, 124]) == .worse)
        #expect(try Self.change([120, 121, 122, 123, 124], [100, 101, 102, 103, 104]) == .better)
        // One slow trial of five is no evidence.
        #expect(try Self.change([100, 101, 102, 103, 104], [100, 101, 102, 103, 180]) == .same)
        // Too few for the level: only what is apart altogether counts.
        #expect(try Self.change([100, 101], [120, 121]) == .worse)
        #expect(try Self.change([100, 130], [120, 140]) == .same)
    }

    @Test("An outage that is not over is longer than any that is")
    func open() throws {
        #expect(try Self.change([600], [700]) == .worse)
        #expect(try Self.change([700], [118]) == .better)
        #expect(try Self.change([700], [700]) == .same)
    }

    @Test("A report is as itself; what else differs is told; flows that come and go are no regression")
    func reports() throws {
        let report = try TrialsTests.report([118, 119])
        let itself = try #require(ReportComparison(old: report, new: report))
        #expect(!itself.isRegression && itself.differences.isEmpty)
        #expect(itself.table(usesColour: false).hasSuffix("No evidence of a change.\n"))

        func two(_ first: String, _ second: String) -> RehearsalReport {
            Sample.report(flows: [first, second].map { Sample.flow($0, .toSite, Sample.trace(lost: 5)) })
        }
        var other = two("hq", "lab")
        other.rehearsal.probeRate = 20
        let comparison = try #require(ReportComparison(old: two("hq", "old"), new: other))
        #expect(comparison.flows.map(\.change) == [.same, .appeared, .vanished])
        #expect(comparison.differences == ["probes per second: 10.0 before, 20.0 now"])
        #expect(!comparison.isRegression)
        #expect(ReportComparison(old: two("a", "b"), new: two("c", "d")) == nil)
    }

    @Test("Other places where probes die, and applications beside them, are told and are no regression by themselves")
    func whereProbesDie() throws {
        let old = Sample.report()
        var new = Sample.example()
        new.ledger.counters = new.ledger.counters.map { counter in
            var counter = counter
            if counter.counter == "XfrmInNoStates@gateway-1" { counter.counter = "rx_otherhost_dropped@gateway-1/out" }
            return counter
        }
        let comparison = try #require(ReportComparison(old: old, new: new))
        #expect(
            comparison.differences == [
                "applications: none before, 10.0 messages and 5.0 requests a second now",
                "losses counted before and not now: XfrmInNoStates@gateway-1",
                "losses counted now and not before: rx_otherhost_dropped@gateway-1/out",
            ])
        #expect(!comparison.isRegression)
    }

    @Test("A verdict that falls and losses that nothing explains any more are regressions without a longer outage")
    func otherRegressions() throws {
        let report = Sample.report()
        var failed = report
        failed.verdict = .failed
        #expect(ReportComparison(old: report, new: failed)?.isRegression == true)
        #expect(ReportComparison(old: failed, new: failed)?.isRegression == false)
        var unexplained = report
        unexplained.ledger.unexplained += 1
        #expect(ReportComparison(old: report, new: unexplained)?.isRegression == true)
    }

    @Test("The JSON form is as its schema says, and the documentation holds the same schema")
    func schema() throws {
        #expect(try Documentation.text(of: "comparison.schema.json") == ComparisonSchema.json)
        let comparison = try #require(
            ReportComparison(old: try TrialsTests.report([118, 119]), new: try TrialsTests.report([140, 141, 142])))
        #expect(try JSONSchemaCheck(schema: ComparisonSchema.json).violations(in: comparison.json()) == [])
        #expect(comparison.isRegression)
        #expect(comparison.markdown.contains("### ❌ 1 of 1 outages worse, 0 better."))
    }
}
