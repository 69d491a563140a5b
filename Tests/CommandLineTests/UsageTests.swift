import Foundation
import Processes
import TestRequirements
import Testing

/// What needs neither a guest nor privileges.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(15)))
struct UsageTests {
    @Test(arguments: [
        ["--help"], ["help"], ["rehearse", "--help"], ["doctor", "--help"], ["schema", "--help"], ["check", "--help"],
        ["cleanup", "--help"], ["report", "--help"], ["compare", "--help"], ["calibrate", "--help"],
    ])
    func help(arguments: [String]) throws {
        let finished = try Controller.command(arguments).runToEnd()
        #expect(finished.status == .exited(0))
        #expect(finished.text.contains("USAGE: resetlab"))
        #expect(finished.errorOutput.isEmpty)
    }

    @Test func helpNamesEveryCommandAndExitCode() throws {
        let help = try Controller.run("--help").text
        for command in ["rehearse", "report", "compare", "check", "doctor", "schema", "calibrate", "cleanup"] {
            #expect(help.contains("\n  \(command)"))
        }
        // Whatever the width it is wrapped to.
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains(
                "Exit codes: 0 it ran, 1 an expectation or a check failed, 2 bad input, 3 this machine cannot run it, 4 it went wrong"))
    }

    @Test func version() throws {
        let finished = try Controller.run("--version")
        #expect(finished.status == .exited(0))
        #expect(finished.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: ["topology", "rehearsal", "report", "comparison", "calibration"]) func schemaIsTheDocumentedOne(format: String) throws
    {
        let finished = try Controller.run("schema", format)
        #expect(finished.status == .exited(0))
        let documented = try String(contentsOfFile: Repository.path("docs/\(format).schema.json"), encoding: .utf8)
        #expect(finished.text == documented)
    }

    @Test(arguments: [
        ["rehearse"], ["reherse"], ["rehearse", "a.yaml", "--seed", "many"], ["rehearse", "a.yaml", "--duration", "5"],
        ["rehearse", "a.yaml", "--backend", "cloud"], ["rehearse", "a.yaml", "--format", "xml"], ["schema", "poem"],
        ["calibrate", "--trials", "many"], ["calibrate", "--rate"], ["calibrate", "--format", "xml"], ["calibrate", "5"],
        ["rehearse", "a.yaml", "b.yaml"], ["check"], ["check", "a.yaml", "--format", "table"],
    ])
    func badArguments(arguments: [String]) throws {
        let finished = try Controller.command(arguments).runToEnd()
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("Error: "))
    }

    @Test func virtualTimeOnTheHostIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("small.yaml", SmallTopology.text)
        let finished = try Controller.run("rehearse", file, "--backend", "host", "--clock", "virtual")
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("--clock virtual needs --backend guest"))
    }

    @Test(arguments: [["--duration", "5s"], ["--reset-at", "1s"], ["--reset-at", "70s"], ["--rate", "0"]])
    func overridesOutOfRange(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("small.yaml", SmallTopology.text)
        let finished = try Controller.command(["rehearse", file] + arguments).runToEnd()
        #expect(finished.status == .exited(2), "\(finished.errorOutput)")
        #expect(finished.text.isEmpty)
        // The bounds are told.
        #expect(finished.errorOutput.contains("from ") || finished.errorOutput.contains("before the end"))
    }

    @Test func missingFile() throws {
        let finished = try Controller.run("rehearse", "/nowhere/lab.yaml")
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("/nowhere/lab.yaml: No such file or directory"))
    }

    @Test func folderForAFile() throws {
        let folder = try TemporaryFolder()
        let finished = try Controller.run("rehearse", folder.path)
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("\(folder.path): Is a directory"))
    }

    @Test func notText() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/lab.yaml"
        try Data([0xff, 0xfe, 0x00]).write(to: URL(filePath: file))
        let finished = try Controller.run("rehearse", file)
        #expect(finished.status == .exited(2))
        #expect(finished.errorOutput.contains("not UTF-8 text"))
    }

    /// Told before the rehearsal, which would be lost with it.
    @Test(arguments: [".", "nowhere/report.json"]) func unwritableOutput(name: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("small.yaml", SmallTopology.text)
        let output = "\(folder.path)/\(name)"
        let finished = try Controller.run("rehearse", file, "--backend", "guest", "--output", output)
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.hasPrefix("resetlab: \(output) cannot be written: "))
        #expect(try folder.contents == ["small.yaml"])
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// Every place that is told of, in order: `LINE:COLUMN: KEY`.
        let places: [String]

        init(_ description: String, _ replacements: [Int: String], _ places: String...) {
            testDescription = description
            text = SmallTopology.with(replacements)
            self.places = places
        }
    }

    static let badTopologies = [
        Bad("unknown key", [4: "  nam: VNet1GW"], "4:3: gateway.nam", "4:3: gateway.name"),
        Bad("address out of range", [9: "    address: 198.51.100.256"], "9:14: sites[0].address"),
        Bad("prefix with host bits", [10: "    prefixes: [10.20.0.1/16]"], "10:16: sites[0].prefixes[0]"),
        Bad("overlapping prefixes", [10: "    prefixes: [10.1.2.0/24]"], "10:16: sites[0].prefixes[0]"),
        Bad("impossible loss", [11: "    link: {delay: 10ms, loss: 101%}"], "11:31: sites[0].link.loss"),
        Bad("duration without unit", [11: "    link: {delay: 10}"], "11:19: sites[0].link.delay"),
        Bad("of a later format", [1: "resetlab: 2"], "1:11: resetlab"),
        Bad("no YAML", [5: "  addresses: [203.0.113.10"], "6:11: "),
        Bad(
            "several at once", [5: "  addresses: [203.0.113.999]", 9: "    address: nowhere"], "5:15: gateway.addresses[0]",
            "9:14: sites[0].address"),
    ]

    @Test(arguments: badTopologies) func badTopologyIsToldWithItsPlaces(bad: Bad) throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("bad.yaml", bad.text)
        let output = "\(folder.path)/report.json"
        let finished = try Controller.run("rehearse", file, "--output", output)
        #expect(finished.status == .exited(2))
        #expect(finished.text.isEmpty)
        let places = finished.errorOutput.split(separator: "\n").compactMap { line -> String? in
            guard let match = line.wholeMatch(of: /(.*):(\d+:\d+: )([a-zA-Z\[\]0-9.]*)(?:: )?found .*; allowed: .*/), match.1 == file else {
                return nil
            }
            return String(match.2 + match.3)
        }
        #expect(places == bad.places, "\(finished.errorOutput)")
        // Nothing is begun for a file that is not used.
        #expect(try folder.contents == ["bad.yaml"])
    }
}
