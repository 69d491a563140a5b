import AgentProtocol
import AgentSession
import GuestKernel
import LabPlan
import LinuxKernel
import Processes
import Topology

/// The table's lines about how much virtual time an instruction is given (QEMU's `-icount shift`), and how much memory a guest: two sites,
/// booted, in turn.
///
/// Resetlab has the shift as a constant (`GuestContract.instructionShift`), which the agent converts idle time by; what it tells of the
/// processor's use is wrong with another one and is not looked at here.
struct ShiftFindings {
    private static let rounds = 3
    private static let shifts = 0...4

    private let resetlab: String
    private let topology: String
    /// By connection: its line's delay in each direction, in milliseconds.
    private let delays: [String: (toSite: Double, fromSite: Double)]
    /// What Resetlab gives the guest, in MiB.
    private let memory: Int
    private let launcher = Launcher()

    static func measured(resetlab: String, topologies: String) throws -> [Finding] {
        let findings = try ShiftFindings(resetlab: resetlab, topology: "\(topologies)/two-sites.yaml")
        return try findings.ofShifts() + findings.ofMemory()
    }

    private init(resetlab: String, topology: String) throws {
        (self.resetlab, self.topology) = (resetlab, topology)
        let plan = try Topology.load(text: String(decoding: FileContents.read(topology), as: UTF8.self), file: topology).plan(seed: 1)
        let lines = Dictionary(plan.links.map { ($0.b.node, $0) }, uniquingKeysWith: { first, _ in first })
        func milliseconds(_ end: Link.End?) -> Double { end?.impairment.map { $0.delay / .milliseconds(1) } ?? 0 }
        delays = Dictionary(
            uniqueKeysWithValues: plan.connections.map { connection in
                (connection.name, (milliseconds(lines[connection.site]?.a), milliseconds(lines[connection.site]?.b)))
            })
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        let image = try GuestImage(agent: OwnExecutable.sibling("resetlab-agent"), kernel: kernel)
        memory = GuestMemory.size(nodes: plan.nodes.count, imageSize: image.size, traces: TraceMemory(plan).bytes)
    }

    // MARK: - An instruction's time

    private func ofShifts() throws -> [Finding] {
        let usual = "shift=\(GuestContract.instructionShift)"
        var runs = [[Run]](repeating: [], count: Self.shifts.count)
        for round in 1...Self.rounds {
            for (index, shift) in Self.shifts.enumerated() {
                standardError("\(1 << shift) ns an instruction, round \(round) of \(Self.rounds)")
                runs[index].append(try run([.replacing(usual, by: "shift=\(shift)", inValueOf: "-icount")]))
            }
        }
        return zip(Self.shifts, runs).flatMap { shift, runs in
            [
                Finding("two sites booted, \(1 << shift) ns an instruction (shift \(shift)), wall", "s", Series(runs.map(\.wall))),
                Finding("… probes not sent in time", "", Series(runs.map { Double($0.unsent) })),
                Finding("… one-way delay beyond the links', median", "ms", Series(runs.map(\.ownDelay))),
                Finding("… lost probes that no counter explains", "", Series(runs.map { Double($0.unexplained) }), goal: 0),
            ]
        }
    }

    // MARK: - Memory

    private func ofMemory() throws -> [Finding] {
        let sizes = [memory / 2, memory, memory * 2]
        var walls = [[Double]](repeating: [], count: sizes.count)
        for round in 1...Self.rounds {
            for (index, size) in sizes.enumerated() {
                standardError("\(size) MiB, round \(round) of \(Self.rounds)")
                do {
                    walls[index].append(try run([.replacing("\(memory)", by: "\(size)", inValueOf: "-m")]).wall)
                } catch let error as ProcessError where size < memory {
                    // Too little is an answer too: a line without figures.
                    standardError("\(error)")
                }
            }
        }
        return zip(sizes, walls).map { Finding("two sites booted, \($0) MiB of memory, wall", "s", Series($1)) }
    }

    // MARK: - One rehearsal

    private struct Run {
        /// By the host's clock, in seconds.
        var wall: Double
        var unsent: Int
        var unexplained: Int
        /// What the emulated path takes of itself, in milliseconds: of each flow the median less its line's, and of those the median.
        var ownDelay: Double
    }

    private func run(_ changes: [QEMUWrapper.Change]) throws -> Run {
        let emulator = try QEMUWrapper { _ in changes }
        let run = try RehearsalRun.measure(
            resetlab: resetlab, topology: topology, options: ["--no-template"], emulator: emulator, launcher: launcher)
        try emulator.check()
        let report = try JSONLines.decode(Report.self, from: run.report)
        let own = try report.flows.map { flow -> Double in
            guard let line = delays[flow.connection] else { throw BenchFailure("\(topology) has no connection '\(flow.connection)'") }
            return flow.delay.median - (flow.direction == Report.Flow.toSite ? line.toSite : line.fromSite)
        }
        return Run(
            wall: run.wall, unsent: report.flows.reduce(0) { $0 + $1.unsent }, unexplained: report.ledger.unexplained,
            ownDelay: Series(own).median)
    }

    /// The parts of the rehearsal's report that are looked at.
    private struct Report: Decodable {
        struct Flow: Decodable {
            static let toSite = "gateway-to-site"

            struct Delay: Decodable {
                var median: Double
                enum CodingKeys: String, CodingKey { case median = "median_ms" }
            }
            var connection: String
            var direction: String
            var unsent: Int
            var delay: Delay
        }
        struct Ledger: Decodable { var unexplained: Int }
        var flows: [Flow]
        var ledger: Ledger
    }
}
