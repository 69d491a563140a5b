import LabPlan
import Measurement
import Report
import Testing

@Suite struct TrialsTests {
    /// One flow to the gateway with so many lost probes in each trial, ten a second.
    static func report(_ lost: [Int], maximumOutage: Duration? = .seconds(60), connection: String = "hq") throws -> RehearsalReport {
        let reports = lost.enumerated().map { trial, lost in
            var report = Sample.report(
                flows: [Sample.flow(connection, .toGateway, Sample.trace(lost: lost))], maximumOutage: maximumOutage)
            report.seed = 42 + UInt64(trial)
            return report
        }
        return try #require(RehearsalReport(trials: reports))
    }

    @Test("Minimum, median, mean, 95th percentile and maximum over all trials, by both methods")
    func statistics() throws {
        let report = try Self.report([118, 0, 120, 119, 117])
        let trials = try #require(report.trials)
        #expect(trials.seeds == [42, 43, 44, 45, 46])
        let summary = trials.flows[0].frameLossSummary
        #expect(
            [summary.minimum, summary.median, summary.mean, summary.percentile95, summary.maximum].map(\.shortText)
                == ["0", "11800", "9480", "12000", "12000"])
        #expect(trials.flows[0].timestamp[1]?.nanoseconds == 0)
        #expect(trials.flows[0].timestampSummary?.median.shortText.hasPrefix("11900") == true)
        // The rest is the first one's.
        #expect(report.seed == 42 && report.flows[0].lost == 118)
        #expect(TerminalReport(report, usesColour: false).text.contains("over 5 trials, seeds 42 to 46"))
        #expect(HTMLReport(report).text.contains("<h2>Trials</h2>"))
        #expect(report.characterization.contains { $0.item == "Trials" && $0.value == "5" })
        #expect(try JSONSchemaCheck(schema: ReportSchema.json).violations(in: report.json()) == [])
        #expect(try RehearsalReport(json: report.json()) == report)
    }

    @Test("An outage that was not over in a trial has no reading by timestamps")
    func open() throws {
        let flow = try #require(Self.report([118, 700]).trials?.flows.first)
        #expect(flow.timestamp[1] == nil)
        #expect(flow.timestampSummary?.maximum.shortText.hasPrefix("11900") == true)
    }

    @Test("An expectation holds when it holds in every trial, and a failure names its seed")
    func expectations() throws {
        let passed = try Self.report([118, 119])
        #expect(passed.verdict == .passed)
        #expect(passed.expectations[0].found.hasPrefix("in all 2 trials; in the first: 11.8 s (hq, site-to-gateway)"))
        let failed = try Self.report([118, 130, 125], maximumOutage: .seconds(12))
        #expect(failed.verdict == .failed)
        #expect(failed.expectations[0].found.hasPrefix("not in 2 of 3 trials; with seed 43: 13 s (hq, site-to-gateway)"))
        #expect(failed.trials?.verdicts == [.passed, .failed, .failed])
    }

    @Test("One trial is a report as ever")
    func single() throws {
        let report = try Self.report([118])
        #expect(report.trials == nil)
        #expect(report == Sample.report(flows: [Sample.flow("hq", .toGateway, Sample.trace(lost: 118))]))
    }
}
