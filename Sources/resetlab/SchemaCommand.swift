import ArgumentParser
import Report
import Topology

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of a file format, for editors and checkers.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case topology
        case rehearsal
        case report
        case comparison
        case calibration
    }

    @Argument(help: "Which format.")
    var format: Format = .topology

    func run() {
        switch format {
        case .topology: print(TopologySchema.json, terminator: "")
        case .rehearsal: print(RehearsalSchema.json, terminator: "")
        case .report: print(ReportSchema.json, terminator: "")
        case .comparison: print(ComparisonSchema.json, terminator: "")
        case .calibration: print(CalibrationSchema.json, terminator: "")
        }
    }
}
