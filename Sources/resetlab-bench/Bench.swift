import Glibc
import GuestKernel
import LinuxKernel
import Processes

/// Measures one thing after the other and writes down what was found.
struct Bench {
    private static let starts = 5
    private static let rehearsals = 3

    private let arguments: BenchArguments
    /// This program's executable.
    private let program: String
    /// Where it lies, and those it measures.
    private let folder: String

    init(_ arguments: BenchArguments) throws {
        self.arguments = arguments
        let program = try OwnExecutable.path()
        folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
        self.program = program
    }

    func run() throws {
        let launcher = Launcher()
        let resetlab = "\(folder)/resetlab"
        var surroundings = try Surroundings(resetlab: resetlab)
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }

        let starts = try repeated(Self.starts, "guest start") {
            try GuestStart.measure(agent: "\(folder)/resetlab-agent", kernel: kernel, launcher: launcher)
        }
        surroundings.guestKernel = starts[0].kernelRelease
        let rehearsals = try repeated(Self.rehearsals, "rehearsal") {
            try RehearsalRun.measure(resetlab: resetlab, topology: arguments.topology, launcher: launcher)
        }
        standardError("probes on this machine")
        let probes = try ProbeFindings.measured()
        let labs = try LabFindings.measured(mininet: arguments.mininet)
        standardError("SAs, probes and labs in the guest")
        let inGuest = try GuestSide.measure(
            GuestInstruction(sizes: LabFindings.sizes.map(\.sites)), program: program, kernel: kernel, launcher: launcher)

        let report = BenchReport(
            surroundings: surroundings,
            findings: findings(starts) + findings(rehearsals, starts) + probes + ProbeFindings.ofGuest(inGuest.probes)
                + (inGuest.associations.map(findings) ?? [])
                + (inGuest.reinstallation.map(Self.findings) ?? []) + labs + LabFindings.ofGuest(inGuest.labs))
        print(report.markdown, terminator: "")
        guard mkdir(arguments.output, 0o755) == 0 || errno == EEXIST else { throw SystemCallError("mkdir", arguments.output, .last) }
        try OutputFile.write(Array(report.markdown.utf8), to: "\(arguments.output)/bench.md")
        try OutputFile.write(report.json(), to: "\(arguments.output)/bench.json")
    }

    /// Only the building of labs in a guest: the table on standard output.
    static func labsInGuest(sizes: [Int]) throws {
        let measured = try inGuest(
            GuestInstruction(
                measuresAssociations: false, measuresProbes: false, measuresReinstallation: false,
                sizes: sizes.isEmpty ? LabFindings.sizes.map(\.sites) : sizes))
        print(LabFindings.ofGuest(measured.labs).markdownTable, terminator: "")
    }

    /// Only the replacing of both ends' SAs and policies in a guest, likewise.
    static func reinstallationInGuest() throws {
        let measured = try inGuest(GuestInstruction(measuresAssociations: false, measuresProbes: false, sizes: []))
        print((measured.reinstallation.map(findings) ?? []).markdownTable, terminator: "")
    }

    /// Only rehearsals of resets.
    static func resets(sizes: [Int]) throws -> [Finding] {
        let folder = "/tmp/resetlab-bench-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else { throw SystemCallError("mkdir", folder, .last) }
        defer { _ = try? Command("rm", ["-r", folder]).runToEnd() }
        return try ResetBenchmark.measured(sizes: sizes, resetlab: OwnExecutable.sibling("resetlab"), folder: folder)
    }

    private static func inGuest(_ instruction: GuestInstruction) throws -> GuestMeasurement {
        let launcher = Launcher()
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        return try GuestSide.measure(instruction, program: try OwnExecutable.path(), kernel: kernel, launcher: launcher)
    }

    private static func findings(_ measurement: ReinstallMeasurement) -> [Finding] {
        let (batch, raw, ip) = (measurement.series(\.batch), measurement.series(\.raw), measurement.series(\.ip))
        return [
            Finding("flush and reinstall \(measurement.connections) connections' SAs and policies at both ends", "ms", batch),
            Finding("… the same bytes replayed raw", "ms", raw), Finding("… `ip -batch`", "ms", ip),
            Finding("both ends: batch / raw", "", batch / raw, goal: 1.1),
            Finding("both ends: batch / `ip -batch`", "", batch / ip, goal: 0.6),
        ]
    }

    private func repeated<Result>(_ times: Int, _ what: String, _ work: () throws -> Result) rethrows -> [Result] {
        try (1...times).map { number in
            standardError("\(what) \(number) of \(times)")
            return try work()
        }
    }

    // MARK: - The table's lines

    private func findings(_ starts: [GuestStart]) -> [Finding] {
        [
            Finding("guest start to agent ready, wall", "s", Series(starts.map(\.wall)), goal: 6),
            Finding("guest start to agent ready, virtual", "s", Series(starts.map(\.uptime)), goal: 2.6),
        ]
    }

    /// What a probe costs leaves out the guest's start: its median is taken off.
    private func findings(_ rehearsals: [RehearsalRun], _ starts: [GuestStart]) -> [Finding] {
        let start = Series(starts.map(\.wall)).median
        return [
            Finding("two sites, 60 virtual seconds, wall", "s", Series(rehearsals.map(\.wall)), goal: 20),
            Finding(
                "of it after the guest's start, for each probe sent", "ms",
                Series(rehearsals.map { ($0.wall - start) / Double($0.probes) * 1_000 })),
        ]
    }

    private func findings(_ measurement: AssociationMeasurement) -> [Finding] {
        let (batch, raw) = (measurement.series(\.batch), measurement.series(\.raw))
        let (ip, single) = (measurement.series(\.ip), measurement.series(\.single))
        return [
            Finding("flush and reinstall \(measurement.count) SAs: one batch", "µs an SA", batch),
            Finding("… of it encoding", "µs an SA", measurement.series(\.encoding)),
            Finding("… the same bytes replayed raw", "µs an SA", raw),
            Finding("… `ip -batch`", "µs an SA", ip),
            Finding("… of it `ip`'s own start", "µs an SA", measurement.series(\.ipStart)),
            Finding("… one request at a time", "µs an SA", single),
            Finding("batch / raw", "", batch / raw, goal: 1.1),
            Finding("batch / `ip -batch`", "", batch / ip, goal: 0.6),
            Finding("batch / `ip -batch` without its start", "", batch / (ip - measurement.series(\.ipStart))),
        ]
    }
}
