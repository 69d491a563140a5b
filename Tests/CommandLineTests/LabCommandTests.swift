import Foundation
import Processes
import TestRequirements
import Testing

/// Commands for a lab to work in: what needs no lab, in folders of the test's own.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(5)))
struct LabCommandTests {
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = ["RESETLAB_RUN": "\(folder.path)/run", "RESETLAB_STATE": "\(folder.path)/state"]
    }

    private func run(_ arguments: [String]) throws -> FinishedProcess {
        try Controller.command(arguments, environment: environment).runToEnd(limit: .seconds(60))
    }

    static let commands = [
        ["status"], ["status", "--watch"], ["reset", "gateway"], ["reset", "connection", "tokyo"], ["fail", "active"],
        ["maintain", "standby"], ["cut", "tokyo"], ["restore", "tokyo"], ["flap", "tokyo", "--down", "1s", "--up", "1s", "--times", "3"],
        ["impair", "tokyo", "--loss", "1%"], ["health"], ["health", "--follow"], ["support-bundle"], ["down"],
    ]

    @Test(arguments: commands) func nothingStands(arguments: [String]) throws {
        let finished = try run(arguments)
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput == "resetlab: no lab stands; resetlab up TOPOLOGY makes one\n")
    }

    @Test(arguments: commands) func noSuchLab(arguments: [String]) throws {
        for name in ["nowhere", "../run", ""] {
            let finished = try run(arguments + ["--lab", name])
            #expect(finished.status == .exited(2))
            #expect(finished.errorOutput.hasPrefix("resetlab: no lab named \(name) stands; none does"))
        }
    }

    @Test func emptyListAndDownOfAll() throws {
        #expect(try run(["list"]).text == "no lab stands; resetlab up TOPOLOGY makes one\n")
        #expect(try run(["list", "--format", "json"]).text == "[\n\n]\n")
        #expect(try run(["down", "--all"]).text == "no lab stands\n")
    }

    @Test(arguments: [
        ["flap", "tokyo"], ["flap", "tokyo", "--down", "1s", "--up", "1s", "--times", "0"],
        ["flap", "tokyo", "--down", "1", "--up", "1s", "--times", "2"], ["cut"], ["cut", "tokyo", "--for", "0s"],
        ["cut", "tokyo", "--for", "-1s"], ["cut", "tokyo", "--for", "48h"], ["impair", "tokyo"], ["impair", "tokyo", "--loss", "5"],
        ["impair", "tokyo", "--loss", "101%"], ["impair", "tokyo", "--rate", "100"], ["impair", "tokyo", "--rate", "100mbit"],
        ["impair", "tokyo", "--delay", "2min"], ["impair", "tokyo", "--jitter", "1ms"],
        ["impair", "tokyo", "--delay", "1ms", "--jitter", "2ms"], ["impair", "tokyo", "--loss", "1%", "--direction", "up"],
        ["reset"], ["reset", "everything"], ["reset", "connection"], ["fail"], ["down", "--all", "--lab", "x"],
        ["status", "--format", "table"], ["up"], ["up", "t.yaml", "--backend", "cloud"], ["health", "extra"],
    ])
    func badArguments(arguments: [String]) throws {
        let finished = try run(arguments)
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("Error: ") || finished.errorOutput.contains("USAGE: "))
    }

    @Test func aBadTopologyBuildsNothing() throws {
        let file = try folder.file("bad.yaml", SmallTopology.with([9: "    address: nowhere"]))
        let finished = try run(["up", file])
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("9:14: sites[0].address"))
        #expect(try folder.contents == ["bad.yaml"])
    }

    @Test(arguments: [["--name", "No Name"], ["--rate", "0"], ["--name", "a-name-of-more-than-twenty-letters"]])
    func badOptionsBuildNothing(arguments: [String]) throws {
        let file = try folder.file("small.yaml", SmallTopology.text)
        let finished = try run(["up", file] + arguments)
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(try folder.contents == ["small.yaml"])
    }

    @Test func aForeignFolderIsNotUsed() throws {
        let file = try folder.file("small.yaml", SmallTopology.text)
        try FileManager.default.createDirectory(atPath: "\(folder.path)/run", withIntermediateDirectories: false)
        #expect(chmod("\(folder.path)/run", 0o777) == 0)
        let finished = try run(["up", file])
        #expect(finished.status == .exited(4), "\(finished.errorOutput)")
        #expect(finished.errorOutput.contains("\(folder.path)/run is not used"))
    }

    @Test func theKeeperIsNoCommandForPeople() throws {
        let finished = try run(["keep"])
        #expect(finished.status == .exited(2))
        #expect(!(try run(["--help"]).text.contains("keep ")))
    }

    @Test func anAgentThatIsNoneIsToldByUp() throws {
        let file = try folder.file("small.yaml", SmallTopology.text)
        var environment = environment
        environment["RESETLAB_AGENT"] = "/nowhere/agent"
        let finished = try Controller.command(["up", file, "--backend", "host"], environment: environment).runToEnd(limit: .seconds(60))
        #expect(finished.status == .exited(3), "\(finished.errorOutput)")
        #expect(finished.errorOutput.contains("RESETLAB_AGENT names /nowhere/agent"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run/labs").isEmpty)
    }
}
