import Foundation
import Processes
import TestRequirements
import Testing

/// Checks before a reset, and which rehearsals there are: neither needs a guest.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(15)))
struct CheckTests {
    private static let secret = "s3cret-A"
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func topology(_ connection: String) throws -> String {
        try folder.file("small.yaml", SmallTopology.text + "    connection: \(connection)\n")
    }

    /// All that a command may say about two different keys is that they differ.
    private func expectNoSecret(_ finished: FinishedProcess) {
        #expect(!finished.text.contains(Self.secret) && !finished.errorOutput.contains(Self.secret))
    }

    // MARK: - resetlab check

    @Test func aRightTopologyPasses() throws {
        let finished = try Controller.run("check", try topology("{preSharedKey: \(Self.secret)}"))
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        #expect(finished.text.hasSuffix("\nNo difference.\n"))
        #expect(finished.text.contains("pre-shared key"))
        #expect(!finished.text.contains("\u{1b}"))
        expectNoSecret(finished)
    }

    @Test(arguments: ["text", "json"]) func aDifferenceIsExitCode1(format: String) throws {
        let file = try topology("{preSharedKey: {site: \(Self.secret)1, gateway: \(Self.secret)2}}")
        let finished = try Controller.run("check", file, "--format", format)
        #expect(finished.status == .exited(1))
        #expect(finished.text.contains(format == "json" ? "\"verdict\" : \"differs\"" : "DIFFERS: the keys are not the same"))
        #expect(finished.errorOutput.isEmpty)
        expectNoSecret(finished)
    }

    @Test func oneConnectionIsCheckedAlone() throws {
        let file = Repository.path("topologies/misconfigured.yaml")
        #expect(try Controller.run("check", file).status == .exited(1))
        #expect(try Controller.run("check", file, "--connection", "TOKYO").status == .exited(0))
        let wrong = try Controller.run("check", file, "--connection", "wrong-policy")
        #expect(wrong.status == .exited(1))
        #expect(wrong.text.split(separator: "\n").filter { $0.contains("DIFFERS") }.map { $0.prefix(14) } == ["IKE encryption"])
        let unknown = try Controller.run("check", file, "--connection", "kyoto")
        #expect(unknown.status == .exited(2))
        #expect(unknown.text.isEmpty)
        #expect(unknown.errorOutput.contains("has no connection kyoto; it has tokyo, wrong-key, wrong-policy, wrong-selectors"))
    }

    // MARK: - Before a rehearsal

    @Test func aRehearsalEndsOnADifference() throws {
        let file = try topology("{preSharedKey: {site: \(Self.secret)1, gateway: \(Self.secret)2}, mode: ResponderOnly}")
        let finished = try Controller.run("rehearse", file, "--output", "\(folder.path)/report.json")
        #expect(finished.status == .exited(1))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("pre-shared key  not shown      not shown      DIFFERS"))
        #expect(finished.errorOutput.contains("nobody begins a key exchange"))
        #expect(!finished.errorOutput.contains("IKE encryption"))
        #expect(finished.errorOutput.contains("both sides of office differ, so nothing was built; --skip-checks goes on all the same"))
        expectNoSecret(finished)
        #expect(try folder.contents == ["small.yaml"])
    }

    /// A rehearsal that resets one connection has no business with the others: what ends it here is the combination that comes after.
    @Test func onlyWhatIsResetIsChecked() throws {
        let file = Repository.path("topologies/misconfigured.yaml")
        let never = ["--backend", "host", "--clock", "virtual"]
        let first = try Controller.command(["rehearse", file, "--rehearsal", "connection-reset"] + never).runToEnd()
        #expect(first.status == .exited(2), "\(first.errorOutput)")
        let skipped = try Controller.command(["rehearse", file, "--skip-checks"] + never).runToEnd()
        #expect(skipped.status == .exited(2), "\(skipped.errorOutput)")
        let all = try Controller.command(["rehearse", file] + never).runToEnd()
        #expect(all.status == .exited(1))
        #expect(all.errorOutput.contains("both sides of wrong-key, wrong-policy, wrong-selectors differ"))
    }

    // MARK: - Rehearsals

    @Test func everyBuiltInIsListedAndShown() throws {
        let listing = try Controller.run("rehearse", "--list")
        #expect(listing.status == .exited(0))
        let names = listing.text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(names.count == 6 && names.contains("double-gateway-reset"))
        for name in names {
            let shown = try Controller.run("rehearse", "--show", name)
            #expect(shown.status == .exited(0))
            #expect(shown.text.contains("\nrehearsal: 1\nname: \(name)\n"))
        }
        let unknown = try Controller.run("rehearse", "--show", "storm")
        #expect(unknown.status == .exited(2))
        #expect(unknown.errorOutput.contains("allowed: gateway-reset, double-gateway-reset"))
    }

    /// Told before anything is built.
    private func expectBadInput(_ arguments: [String], _ message: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let finished = try Controller.command(["rehearse"] + arguments).runToEnd()
        #expect(finished.status == .exited(2), "\(finished.errorOutput)", sourceLocation: sourceLocation)
        #expect(finished.text.isEmpty, sourceLocation: sourceLocation)
        #expect(finished.errorOutput.contains(message), "\(finished.errorOutput)", sourceLocation: sourceLocation)
    }

    @Test func badRehearsalsAreTold() throws {
        let lab = try folder.file("small.yaml", SmallTopology.text)
        try expectBadInput([lab, "--rehearsal", "storm"], "there is no rehearsal storm; allowed: gateway-reset")
        try expectBadInput([lab, "--rehearsal", "/nowhere/storm.yaml"], "/nowhere/storm.yaml: No such file or directory")
        let head = "rehearsal: 1\nname: storm\nsteps:\n"
        let wrong = try folder.file("wrong.yaml", head + "  - {at: 10s, do: reset gatewy}\nexpect:\n  - outage =< 5s\n")
        try expectBadInput(
            [lab, "--rehearsal", wrong], "\(wrong):4:19: steps[0].do: found \"reset gatewy\", did you mean \"reset gateway\"?")
        try expectBadInput([lab, "--rehearsal", wrong], "\(wrong):6:12: expect[0]: found \"=<\" (did you mean \"<=\"?)")
        let stranger = try folder.file("stranger.yaml", head + "  - {at: 20s, do: cut link, link: offise}\n")
        try expectBadInput(
            [lab, "--rehearsal", stranger], "\(stranger):4:35: steps[0].link: found \"offise\", no link of small.yaml (did you mean")
        try expectBadInput([lab, "--rehearsal", "double-gateway-reset", "--duration", "19s"], "resetAt: found a reset at 20s")
    }

    @Test func aTopologysRehearsalIsBesideIt() throws {
        let lab = try folder.file("small.yaml", SmallTopology.text + "rehearsal: {run: storm.yaml}\n")
        try expectBadInput([lab], "\(folder.path)/storm.yaml: No such file or directory")
        let typo = try folder.file("typo.yaml", SmallTopology.text + "rehearsal: {run: gateway-rest}\n")
        try expectBadInput([typo], "\(typo):12:18: rehearsal.run: found \"gateway-rest\", did you mean \"gateway-reset\"?")
    }
}
