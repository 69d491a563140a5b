import AgentProtocol
import GuestKernel
import InstructionProfile
import LinuxKernel
import Processes

/// Which functions of the guest's kernel the instructions of one more probe are in, and of one more SA.
struct ProfileBenchmark {
    /// Probes a second in each direction of each connection.
    private static let rates = (50, 100)
    /// How often the SAs are replaced.
    private static let replacements = (1, 4)

    let arguments: BenchArguments

    func run() throws {
        let launcher = Launcher()
        let resetlab = try OwnExecutable.sibling("resetlab")
        var surroundings = try Surroundings(resetlab: resetlab)
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        surroundings.guestKernel = kernel.release
        standardError("the kernel's symbols")
        let counter = try InstructionCounter(try Self.symbols(of: kernel, launcher))
        let report = ProfileReport(
            surroundings: surroundings,
            probe: try probe(resetlab, counter, launcher), association: try association(kernel, counter, launcher))
        print(report.markdown, terminator: "")
        try arguments.write(report.markdown, json: report.json(), named: "profile")
    }

    /// A guest's with this program in it. Its modules are those of every guest, loaded in the same order by the same code (`ProcessOne`).
    private static func symbols(of kernel: PreparedKernel, _ launcher: Launcher) throws -> KernelSymbols {
        var instruction = GuestInstruction.nothing
        instruction.tellsSymbols = true
        let measured = try GuestSide.measure(instruction, program: try OwnExecutable.path(), kernel: kernel, launcher: launcher)
        guard let symbols = measured.symbols else { throw BenchFailure("the guest told no symbols") }
        return try KernelSymbols(kallsyms: Array(symbols.utf8))
    }

    private func probe(_ resetlab: String, _ counter: InstructionCounter, _ launcher: Launcher) throws -> UnitProfile {
        func run(_ rate: Int) throws -> (counts: FunctionCounts, probes: Int) {
            standardError("two sites, \(rate) probes a second")
            let run = try RehearsalRun.measure(
                resetlab: resetlab, topology: "\(arguments.topologies)/two-sites.yaml", options: ["--no-template", "--rate", String(rate)],
                emulator: counter.emulator, launcher: launcher)
            return (try counter.counts(), run.probes)
        }
        let (shorter, longer) = (try run(Self.rates.0), try run(Self.rates.1))
        guard longer.probes > shorter.probes else {
            throw BenchFailure("\(longer.probes) probes were sent at twice the rate, \(shorter.probes) before")
        }
        return UnitProfile(longer.counts, minus: shorter.counts, units: Double(longer.probes - shorter.probes))
    }

    private func association(_ kernel: PreparedKernel, _ counter: InstructionCounter, _ launcher: Launcher) throws -> UnitProfile {
        func run(_ times: Int) throws -> FunctionCounts {
            standardError("\(AssociationBenchmark.count) SAs, replaced \(times) times")
            var instruction = GuestInstruction.nothing
            instruction.replacements = times
            let program = try OwnExecutable.path()
            _ = try counter.emulator.inPlace {
                try GuestSide.measure(instruction, program: program, kernel: kernel, launcher: launcher)
            }
            return try counter.counts()
        }
        let (shorter, longer) = (try run(Self.replacements.0), try run(Self.replacements.1))
        let units = (Self.replacements.1 - Self.replacements.0) * AssociationBenchmark.count
        return UnitProfile(longer, minus: shorter, units: Double(units))
    }
}
