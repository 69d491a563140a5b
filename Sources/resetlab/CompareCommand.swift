import ArgumentParser
import LabPlan
import Report
import Topology

/// How two reports are compared.
struct ComparisonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How much an outage may grow, such as 500ms, 2s or 5%.", valueName: "time|percent"))
    var tolerance: ToleranceArgument?

    func compare(_ old: RehearsalReport, _ new: RehearsalReport, names: (String, String)) throws -> ReportComparison {
        let tolerance = tolerance?.value ?? .time(Milliseconds(nanoseconds: 0))
        guard let comparison = ReportComparison(old: old, new: new, tolerance: tolerance) else {
            throw CommandFailure(
                .badInput,
                "\(names.0) and \(names.1) have no connection in common: found \(old.lab.sites.map(\.connection).joined(separator: ", ")) "
                    + "and \(new.lab.sites.map(\.connection).joined(separator: ", ")); allowed: reports of the same connections")
        }
        return comparison
    }
}

struct ToleranceArgument: ExpressibleByArgument {
    var value: ReportComparison.Tolerance

    init?(argument: String) {
        if argument.hasSuffix("%"), let percent = Double(argument.dropLast()), percent >= 0, percent <= 1_000 {
            value = .percent(percent)
        } else if let duration = Duration(topologyText: argument) {
            value = .time(Milliseconds(duration))
        } else {
            return nil
        }
    }
}

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Tell which outages grew from one JSON report to another.",
        discussion: """
            An outage is worse when it grew by more than both reports' resolution and --tolerance; with --trials on either side also beyond what the \
            trials' spread explains (an exact rank test, 5 % over all flows). Anything else is "same": no evidence of a change.

            Exit codes: 0 nothing is worse, 1 something is, 2 bad input.
            """)

    @Argument(help: "The report to compare with.", completion: .file(extensions: ["json"]))
    var old: String

    @Argument(help: "The report that is judged.", completion: .file(extensions: ["json"]))
    var new: String

    @OptionGroup var comparison: ComparisonOptions

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, markdown
    }

    @Option(help: "How the comparison is printed.")
    var format: Format = .table

    func run() throws {
        let result = try comparison.compare(ReportFile.read(old), ReportFile.read(new), names: (old, new))
        switch format {
        case .table: print(result.table(usesColour: standardOutputUsesColour), terminator: "")
        case .json: print(try result.json(), terminator: "")
        case .markdown: print(result.markdown, terminator: "")
        }
        if result.isRegression { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }
}
