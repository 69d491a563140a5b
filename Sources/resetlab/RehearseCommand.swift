import AgentProtocol
import AgentSession
import ArgumentParser
import EventLoop
import Glibc
import LabPlan
import Measurement
import Report
import Topology

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Build the lab, reset its gateway, and measure the outage.",
        discussion: """
            The lab is built from the topology, its connections come up, probes run in both directions of each, and the gateway is reset. The \
            table says what every connection lost, for how long, and why.

            In virtual time (the guest's default) the same topology, seed and version give the same report byte for byte.
            """)

    @Argument(help: "The topology file (YAML); its format: resetlab schema topology.", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String

    @OptionGroup var place: PlaceOptions

    @Option(help: "What randomness is derived from: packet loss, jitter, keys.")
    var seed: UInt64 = 1

    @Option(help: "How long is measured, such as 60s or 5min. Default: the topology's.", transform: Self.duration)
    var duration: Duration?

    @Option(help: "When the gateway is reset, from the start of the measurement. Default: the topology's.", transform: Self.duration)
    var resetAt: Duration?

    @Option(help: "Probes per second in each direction of each connection. Default: the topology's.")
    var rate: Double?

    @Option(help: "What is printed on standard output.")
    var format: OutputFormat = .table

    @Option(name: .shortAndLong, help: "Write the JSON report to this file as well.", completion: .file())
    var output: String?

    @Flag(help: "Show no progress, also on a terminal.")
    var quiet = false

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    func run() throws {
        let plan = try loadPlan()
        // Before the work, not after it.
        if let output { try checkWritable(output) }
        let place = try self.place.choose()
        standardError("resetlab: \(place.explanation)")

        let progress = ProgressLine(isWanted: !quiet)
        defer { progress.clear() }
        progress.show("starting")
        let result = try rehearse(plan, at: place, progress: progress)
        progress.clear()

        let report = RehearsalReport(
            result: result, plan: plan, version: resetlabVersion, backend: place.backend == .guest ? .guest : .host,
            clock: place.clock == .virtual ? .virtual : .real, timingSources: TimingProfile.sources(of: plan.timing))
        switch format {
        case .table: print(TerminalReport(report, usesColour: usesColour).text, terminator: "")
        case .json: print(try report.json(), terminator: "")
        }
        if let output { try write(Array(try report.json().utf8), to: output) }
        if report.verdict == .failed { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }

    /// As a topology has it.
    private static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(topologyText: text) else {
            throw ValidationError("found \(text); allowed: a duration with its unit, such as 1500ms, 60s or 5min")
        }
        return duration
    }

    private func loadPlan() throws -> LabPlan {
        do {
            let text = try readFile(topology)
            return try Topology.load(text: text, file: topology).plan(
                seed: seed,
                overrides: .init(duration: duration, resetAt: resetAt, probeRate: rate))
        } catch let errors as TopologyErrors {
            throw CommandFailure(.badInput, "\(topology) is not used, nothing was built:\n\(errors)")
        } catch let error as PlanError {
            throw CommandFailure(.badInput, "the options do not fit \(topology): \(error)")
        }
    }

    private func rehearse(_ plan: LabPlan, at place: Place, progress: ProgressLine) throws -> RehearsalResult {
        let requests = [
            AgentRequest(id: 1, operation: .build(plan)), AgentRequest(id: 2, operation: .rehearse),
            AgentRequest(id: 3, operation: .shutDown),
        ]
        let listener = AgentSession.Listener(progress: { progress.show($0) })
        let answers = try place.run(requests, seed: seed, nodeCount: plan.nodes.count, listener: listener) { progress.show($0) }
        guard case .rehearsed(let result)? = answers[2] else {
            throw CommandFailure(.failed, "the agent answered the rehearsal with something else")
        }
        return result
    }

    private var usesColour: Bool { isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil }
}
