import Foundation
import Processes
import TestRequirements
import Testing

/// `resetlab calibrate` in a guest.
@Suite(
    .serialized, .enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"), .timeLimit(.minutes(15)))
struct CalibrationTests {
    /// The parts of the report that the tests look at.
    private struct Report: Decodable {
        struct Errors: Decodable {
            var withinInterval: Int
            var withinBound: Int
        }
        struct Group: Decodable {
            var trials: Int
            var withoutLoss: Int
            var unsent: Int
            var frameLoss: Errors
            var timestamp: Errors
        }

        var clock: String
        var groups: [Group]
        var verdict: String
    }

    @Test func twentyTrialsAreWithinTheirBoundsAndRepeatThemselves() throws {
        let first = try Controller.run("calibrate", "--trials", "20", "--format", "json")
        #expect(first.status == .exited(0), "\(first.errorOutput)")
        #expect(first.errorOutput == "resetlab: in a guest kernel, in virtual time (virtual time repeats itself)\n")
        let report = try JSONDecoder().decode(Report.self, from: Data(first.output))
        #expect(report.clock == "virtual")
        #expect(report.verdict == "passed")
        // All, and four decades.
        #expect(report.groups.map(\.trials) == [20, 5, 5, 5, 5])
        for group in report.groups {
            #expect(group.frameLoss.withinInterval == group.trials)
            #expect(group.frameLoss.withinBound == group.trials && group.timestamp.withinBound == group.trials)
            #expect(group.unsent == 0)
        }
        // At most 10 ms are between two probes.
        #expect(report.groups[0].withoutLoss <= 5)

        let second = try Controller.run("calibrate", "--trials", "20", "--format", "json")
        #expect(second.output == first.output)
        let other = try Controller.run("calibrate", "--trials", "20", "--format", "json", "--seed", "2")
        #expect(other.status == .exited(0) && other.output != first.output)
    }

    @Test func tableIsForPeople() throws {
        let finished = try Controller.run("calibrate", "--trials", "4", "--rate", "50", "200")
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(finished.text.contains("50/s") && finished.text.contains("200/s"))
        #expect(finished.text.hasSuffix("Passed: every error is within its bound.\n"))
        #expect(!finished.text.contains("\u{1b}"))
    }

    @Test(arguments: [
        (["--trials", "0"], "--trials: found 0; allowed: from 1 to 100000"),
        (["--rate", "0"], "--rate: found 0.0; allowed: from 1 to 10000 probes per second"),
        (["--rate", "10", "10"], "--rate: found the same one twice; allowed: each once"),
        (["--backend", "host", "--clock", "virtual"], "--clock virtual needs --backend guest"),
    ])
    func badInput(arguments: [String], message: String) throws {
        let finished = try Controller.command(["calibrate"] + arguments).runToEnd()
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains(message), "\(finished.errorOutput)")
    }
}
