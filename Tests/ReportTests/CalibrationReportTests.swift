import Measurement
import Report
import Testing

@Suite struct CalibrationReportTests {
    private static let plan = CalibrationPlan(trials: 2, rates: [100], seed: 42)

    /// - Parameter frameLoss: what the second trial measured of 25 ms, in nanoseconds.
    private static func report(frameLoss: Int64 = 20_000_000) -> CalibrationReport {
        func trial(_ duration: Int64, lost: Int, _ frameLoss: Int64, _ timestamp: Int64) -> CalibrationTrial {
            CalibrationTrial(
                intended: duration, known: KnownOutage(downBefore: 0, downAfter: 200_000, upBefore: duration, upAfter: duration + 200_000),
                readings: [.init(lost: lost, unsent: 0, lossPeriods: 1, frameLoss: frameLoss, timestamp: timestamp, irregularity: 3_500)])
        }
        return CalibrationReport(
            result: CalibrationResult(
                startUptime: 5_000_000_000, kernelRelease: "6.12.0", means: .netem,
                trials: [trial(4_000_000, lost: 0, 0, 0), trial(25_000_000, lost: 2, frameLoss, 30_000_000)]),
            plan: plan, version: "1.2.3", backend: .guest, clock: .virtual)
    }

    @Test("The documentation holds the same schema")
    func documentation() throws { #expect(try Documentation.text(of: "calibration.schema.json") == CalibrationSchema.json) }

    @Test("Reports have every required key and no unknown one")
    func schema() throws {
        let check = try JSONSchemaCheck(schema: CalibrationSchema.json)
        #expect(try check.violations(in: Self.report().json()) == [])
        #expect(try check.violations(in: Self.report(frameLoss: 90_000_000).json()) == [])
        #expect(CalibrationSchema.json.contains("\"const\": \"\(CalibrationReport.schemaIdentifier)\""))
    }

    @Test("What does not fit the schema is found")
    func violations() throws {
        let check = try JSONSchemaCheck(schema: CalibrationSchema.json)
        let json = try Self.report().json().replacing("\"means\" : \"netem\"", with: "\"means\" : \"scissors\"")
        #expect(try check.violations(in: json).contains { $0.hasPrefix("report.injected.means: scissors is none of") })
    }

    @Test("Times are exact decimals")
    func decimals() throws {
        let json = try Self.report().json()
        #expect(json.contains("\"uncertainty_ms\" : 0.2\n"))
        #expect(json.contains("\"irregularity_ms\" : 0.0035,"))
        #expect(json.contains("\"min_ms\" : -5,"))
    }

    @Test("The table says what was done, each group's errors and the verdict")
    func table() throws {
        let text = CalibrationTable(Self.report(), usesColour: false).text
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "Calibration: guest, virtual time, Linux 6.12.0, seed 42")
        #expect(lines[1].hasPrefix("2 known outages of 1 ms to 10 s"))
        #expect(lines[2] == "The truth is known to ±0.200 ms; probes at its edges were sent within 0.004 ms of their schedule")
        #expect(
            lines.contains(
                "100/s  frame loss  10 ms to 100 ms       1        0   -5.000  -5.000  -5.000  -5.000   -5.000      100 %     100 %"))
        #expect(
            lines.contains(
                "100/s  timestamps  1 ms to 10 ms         1        1   -4.000  -4.000  -4.000  -4.000   -4.000      100 %     100 %"))
        #expect(lines.last == "Passed: every error is within its bound.")
    }

    @Test("An error out of bounds fails")
    func failed() {
        let report = Self.report(frameLoss: 90_000_000)
        #expect(report.verdict == .failed)
        #expect(CalibrationTable(report, usesColour: false).text.hasSuffix("Failed: errors outside of their bounds: 1.\n"))
    }

    @Test("Trials that are missing fail too")
    func missing() {
        var plan = Self.plan
        plan.trials = 3
        let result = CalibrationResult(startUptime: 0, kernelRelease: "6.12.0", means: .linkState, trials: [])
        #expect(CalibrationReport(result: result, plan: plan, version: "1", backend: .host, clock: .real).verdict == .failed)
    }
}
