import Foundation
import Processes
import TestRequirements
import Testing

/// `resetlab compare`, with reports as they lie in the documentation.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(15)))
struct CompareTests {
    private let folder: TemporaryFolder
    private let example = Repository.path("docs/report.example.json")

    init() throws { folder = try TemporaryFolder() }

    /// The example with a longer outage.
    private func slower() throws -> String {
        let text = try String(contentsOfFile: example, encoding: .utf8)
        let slower = text.replacing("\"frameLoss_ms\" : 11800", with: "\"frameLoss_ms\" : 13800")
        #expect(slower != text)
        return try folder.file("slower.json", slower)
    }

    @Test func nothingChanged() throws {
        let finished = try Controller.run("compare", example, example)
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(finished.text.contains("No evidence of a change."))
    }

    @Test func regression() throws {
        let slower = try slower()
        let finished = try Controller.run("compare", example, slower)
        #expect(finished.status == .exited(1), "\(finished.errorOutput)")
        #expect(finished.text.contains("+2.000 s"))
        #expect(finished.text.contains("1 of 2 outages worse"))
        #expect(try Controller.run("compare", slower, example).status == .exited(0))
        #expect(try Controller.run("compare", example, slower, "--tolerance", "20%").status == .exited(0))
        #expect(try Controller.run("compare", example, slower, "--tolerance", "2s").status == .exited(0))
        let json = try Controller.run("compare", example, slower, "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
        #expect(object["isRegression"] as? Bool == true)
    }

    @Test func badInput() throws {
        let cut = try folder.file("cut.json", String(String(contentsOfFile: example, encoding: .utf8).prefix(2_000)))
        for (arguments, found) in [
            ([example, cut], "\(cut): 88:4: found the end"), ([cut, example], "\(cut): 88:4: found the end"),
            (["\(folder.path)/none.json", example], "none.json: No such file or directory"), ([example], "Missing expected argument"),
            ([example, example, "--tolerance", "lots"], "tolerance"),
        ] {
            let finished = try Controller.command(["compare"] + arguments).runToEnd()
            #expect(finished.status == .exited(2))
            #expect(finished.errorOutput.contains(found), "\(finished.errorOutput)")
            #expect(finished.output.isEmpty)
        }
        // Before the rehearsal, not after it.
        let rehearsal = try Controller.run("rehearse", Repository.path("topologies/single-site.yaml"), "--baseline", cut)
        #expect(rehearsal.status == .exited(2) && rehearsal.errorOutput.contains("found the end"))
        let others = try Controller.run("rehearse", Repository.path("topologies/single-site.yaml"), "--baseline", example)
        #expect(others.status == .exited(2))
        #expect(others.errorOutput.contains("has no connection of this topology: found hq; allowed: a report of "))
        let wrap = try Controller.run(
            "rehearse", Repository.path("topologies/single-site.yaml"), "--trials", "2", "--seed", "\(UInt64.max)")
        #expect(wrap.status == .exited(2) && wrap.errorOutput.contains("--seed: found 18446744073709551615 with 2 trials"))
        let trials = try Controller.run("rehearse", Repository.path("topologies/single-site.yaml"), "--trials", "0")
        #expect(trials.status == .exited(2) && trials.errorOutput.contains("--trials: found 0; allowed: 1 to 1000"))
    }
}
