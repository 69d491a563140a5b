import Foundation
import Measurement
import Report
import Testing

/// Reports that somebody hands in.
@Suite struct ReportReadingTests {
    private static func error(_ text: String) -> ReportReadingError? {
        do {
            _ = try RehearsalReport(reading: text)
            return nil
        } catch {
            return error as? ReportReadingError
        }
    }

    private static func trials(_ change: (inout RehearsalReport.Trials) -> Void = { _ in }) throws -> String {
        var report = Sample.report()
        report = try #require(RehearsalReport(trials: [report, report, report]))
        var trials = try #require(report.trials)
        change(&trials)
        report.trials = trials
        return try report.json()
    }

    @Test("What was written is read back")
    func whole() throws {
        let report = Sample.report()
        #expect(try RehearsalReport(reading: report.json()) == report)
        #expect(try RehearsalReport(reading: Self.trials()).trials?.seeds.count == 3)
    }

    @Test("Wherever a report is cut off, the error says that it ends there")
    func truncated() throws {
        let text = try Sample.example().json()
        let bytes = Array(text.utf8)
        for length in stride(from: 0, to: bytes.count - 2, by: 97) {
            let cut = String(decoding: bytes[..<length], as: UTF8.self)
            let error = try #require(Self.error(cut), "\(length)")
            #expect(error.found == "the end", "\(length): \(error)")
            #expect(error.place.hasPrefix("\(cut.count { $0 == "\n" } + 1):"))
        }
    }

    struct Bad: Sendable {
        var text: String
        var message: String
    }

    static let malformed = [
        Bad(text: "", message: "1:1: found the end; allowed: a value"),
        Bad(text: "resetlab: 1\n", message: "1:1: found r; allowed: a value"),
        Bad(text: "{\"schema\": 1,\n  \"a\" 2}", message: "2:7: found 2; allowed: a colon"),
        Bad(text: "{\"a\": 1}\n}", message: "2:1: found }; allowed: the end"),
        Bad(text: "{\"a\": [1 2]}", message: "1:10: found 2; allowed: a comma or ]"),
        Bad(text: "{\"schema\": \"\u{1}\"}", message: "1:13: found byte 0x1; allowed: a character of a string, control characters escaped"),
        Bad(text: "{\"schema\": \"\\x\"}", message: "1:14: found x; allowed: an escape sequence"),
        Bad(text: "{\"a\": nul}", message: "1:10: found }; allowed: null"),
        Bad(
            text: String(repeating: "[", count: 100_000), message: "1:513: found [; allowed: at most 512 levels of brackets"),
    ]

    @Test("What is no JSON is told with line and column", arguments: malformed)
    func syntax(bad: Bad) { #expect(Self.error(bad.text)?.description == bad.message) }

    @Test("A number that is none is told with line and column")
    func number() throws {
        let json = try Sample.report().json().replacingOccurrences(of: "\"rate_pps\" : 10", with: "\"rate_pps\" : 1.x")
        let error = try #require(Self.error(json))
        let line = json.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("1.x") } ?? -1
        #expect(error.place.hasPrefix("\(line + 1):"))
        #expect(error.found == "x" && error.allowed == "a digit")
    }

    @Test("Another format is named, and what is allowed", arguments: ["resetlab.rehearsal/1", "resetlab.comparison/1", "poem"])
    func otherFormat(name: String) throws {
        let error = try #require(Self.error("{\"schema\": \"\(name)\"}"))
        #expect(error.place == "schema" && error.found == name)
        #expect(error.allowed.hasPrefix(RehearsalReport.schemaIdentifier))
        #expect(error.allowed.contains(name.hasPrefix("resetlab.rehearsal/") ? "rehearse again" : "resetlab rehearse has written"))
        #expect(Self.error("{}")?.found == "none")
    }

    @Test(
        "A value that does not fit is told with its place",
        arguments: [
            ("\"state\" : \"recovered\"", "\"state\" : \"fine\"", "flows[0].outage.state: found a value out of range"),
            ("\"rate_pps\" : 10", "\"rate\" : 10", "flows[0]: found no rate_pps"),
            ("\"rate_pps\" : 10", "\"rate_pps\" : \"10\"", "flows[0].rate_pps: found a value of another type"),
            ("\"rate_pps\" : 10", "\"rate_pps\" : 0", "flows[0].rate_pps: found 0.0; allowed: more than 0"),
            ("\"resolution_ms\" : 100", "\"resolution_ms\" : -1", "flows[0].outage.resolution_ms: found -1; allowed: 0 to"),
            ("\"resolution_ms\" : 100", "\"resolution_ms\" : 9000000000000", "flows[0].outage.resolution_ms: found 9000000000000;"),
            ("\"seed\" : 42", "\"seed\" : 99999999999999999999", "found a number out of range"),
            ("\"direction\" : \"gateway-to-site\"", "\"direction\" : \"site-to-gateway\"", "flows[1]: found hq, site-to-gateway once more"),
        ])
    func values(text: String, replacement: String, message: String) throws {
        let json = try Sample.example().json()
        #expect(json.contains(text))
        let error = try #require(Self.error(json.replacingOccurrences(of: text, with: replacement)))
        #expect(error.description.hasPrefix(message), "\(error)")
    }

    @Test("Trials that contradict the report or one another are refused")
    func trials() throws {
        func message(_ change: (inout RehearsalReport.Trials) -> Void) throws -> String? {
            Self.error(try Self.trials(change))?.description
        }
        #expect(try message { $0.seeds = [] } == "trials.seeds: found 0; allowed: 2 or more")
        #expect(try message { $0.verdicts.removeLast() } == "length of trials.verdicts: found 2; allowed: 3")
        #expect(try message { $0.flows.removeLast() } == "length of trials.flows: found 1; allowed: 2")
        #expect(try message { $0.flows[1].frameLoss = [] } == "length of trials.flows[1].frameLoss_ms: found 0; allowed: 3")
        #expect(try message { $0.flows[1].timestamp.append(nil) } == "length of trials.flows[1].timestamp_ms: found 4; allowed: 3")
        let negative = try message { $0.flows[0].frameLoss[2] = .init(nanoseconds: -1) }
        #expect(negative?.hasPrefix("trials.flows[0].frameLoss_ms: found -0.000001; allowed: 0 to") == true)
        let swapped = try message { $0.flows.swapAt(0, 1) }
        #expect(swapped?.hasPrefix("trials.flows[0]: found hq, gateway-to-site; allowed: hq, site-to-gateway") == true)
    }

    @Test("A byte changed anywhere gives a report or an error, never a trap")
    func mutations() throws {
        let bytes = Array(try Self.trials().utf8)
        let replacements = Array("9-}]\",x\u{0}".utf8)
        for (index, place) in stride(from: 0, to: bytes.count, by: 41).enumerated() {
            var changed = bytes
            changed[place] = replacements[index % replacements.count]
            do {
                _ = try RehearsalReport(reading: String(decoding: changed, as: UTF8.self))
            } catch {
                #expect(error is ReportReadingError, "\(place): \(error)")
            }
        }
    }
}
