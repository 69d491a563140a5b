import ArgumentParser
import Glibc
import LabPlan
import Preflight
import Report
import Topology

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare both sides of every connection, as it should be done before a reset.",
        discussion: """
            Peer addresses, pre-shared keys (compared, never shown), algorithms and groups, selectors and modes must agree; lifetimes may \
            differ. A connection with a difference does not come back after a reset. Nothing is built.

            Exit code 1 when any connection has a difference.
            """)

    @Argument(help: "The topology file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String

    @Option(help: "Only this connection, by its name or its site's.")
    var connection: String?

    @Option(help: "What is printed on standard output.")
    var format: OutputFormat = .text

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    func run() throws {
        // The seed decides generated keys alone, which are the same on both sides.
        let plan = try TopologyFile.load(topology).plan(seed: 1)
        let checks = ConnectionCheck.all(of: plan, connection: try connection.map { try index(of: $0, in: plan) })
        let report = CheckReport(topology: plan.topology, connections: checks)
        switch format {
        case .text: print(CheckTable(checks, usesColour: standardOutputUsesColour).text, terminator: "")
        case .json: print(try report.json(), terminator: "")
        }
        if report.verdict == .failed { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }

    private func index(of name: String, in plan: LabPlan) throws -> Int {
        if let index = plan.connection(named: name) { return index }
        throw CommandFailure(
            .badInput, "\(topology) has no connection \(name); it has \(plan.connections.map(\.name).joined(separator: ", "))")
    }
}

/// Whether standard output is a terminal whose user wants colours (no-color.org).
var standardOutputUsesColour: Bool { isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil }
