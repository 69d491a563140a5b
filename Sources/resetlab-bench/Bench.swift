import Glibc
import GuestKernel
import LinuxKernel
import Processes

/// Measures one thing after the other beside its peers, all in one run, and writes down what was found.
struct Bench {
    private let arguments: BenchArguments

    init(_ arguments: BenchArguments) { self.arguments = arguments }

    func run() throws {
        let resetlab = try OwnExecutable.sibling("resetlab")
        var surroundings = try Surroundings(resetlab: resetlab)
        let launcher = Launcher()
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        surroundings.guestKernel = kernel.release
        standardError("a guest's start")
        let starts = try StartFindings.measured(agent: OwnExecutable.sibling("resetlab-agent"))
        let rehearsals = try RehearsalFindings.measured(resetlab: resetlab, topologies: arguments.topologies)
        standardError("probes on this machine")
        let probes = try ProbeFindings.measured()
        let labs = try LabFindings.measured(
            mininet: arguments.mininet, sizes: LabFindings.sizes.filter { $0.sites <= LabFindings.mostSites })
        standardError("SAs, probes and labs in the guest")
        let inGuest = try GuestSide.measure(
            GuestInstruction(sizes: LabFindings.sizes.map(\.sites).filter { $0 <= LabFindings.mostSitesInGuest }),
            program: try OwnExecutable.path(), kernel: kernel, launcher: launcher)
        let report = BenchReport(
            surroundings: surroundings,
            findings: starts + rehearsals + probes + ProbeFindings.ofGuest(inGuest.probes) + (inGuest.associations.map(Self.findings) ?? [])
                + (inGuest.reinstallation.map(Self.findings) ?? []) + labs + LabFindings.ofGuest(inGuest.labs))
        print(report.markdown, terminator: "")
        try arguments.write(report.markdown, json: report.json(), named: "bench")
    }

    /// Only the building of labs in a guest.
    static func labsInGuest(sizes: [Int]) throws -> [Finding] {
        let measured = try inGuest(
            GuestInstruction(measuresAssociations: false, measuresProbes: false, measuresReinstallation: false, sizes: sizes))
        return LabFindings.ofGuest(measured.labs)
    }

    /// Only the replacing of both ends' SAs and policies in a guest.
    static func reinstallationInGuest() throws -> [Finding] {
        let measured = try inGuest(GuestInstruction(measuresAssociations: false, measuresProbes: false, sizes: []))
        return measured.reinstallation.map(findings) ?? []
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

    private static func findings(_ measurement: AssociationMeasurement) -> [Finding] {
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
