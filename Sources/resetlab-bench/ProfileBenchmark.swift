import AgentProtocol
import GuestKernel
import InstructionProfile
import LinuxKernel
import Processes

/// Which functions of the guest's kernel the instructions of one more probe are in, of one more SA, and of one more site that is built.
struct ProfileBenchmark {
    /// Probes a second in each direction of each connection.
    private static let rates = (50, 100)
    /// How often the SAs are replaced.
    private static let replacements = (1, 4)
    private static let sites = (50, 100)

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
            probe: try probe(resetlab, counter, launcher),
            association: try inGuest(kernel, counter, launcher, Self.replacements, unitsEach: AssociationBenchmark.count) {
                standardError("\(AssociationBenchmark.count) SAs, replaced \($0) times")
                $1.replacements = $0
            },
            site: try inGuest(kernel, counter, launcher, Self.sites, unitsEach: 1) {
                standardError("a lab of \($0) sites")
                $1.builtSites = $0
            })
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

    /// Of what this program does in a guest: the difference of doing a little and more.
    private func inGuest(
        _ kernel: PreparedKernel, _ counter: InstructionCounter, _ launcher: Launcher, _ amounts: (Int, Int), unitsEach: Int,
        instruct: (Int, inout GuestInstruction) -> Void
    ) throws -> UnitProfile {
        func run(_ amount: Int) throws -> FunctionCounts {
            var instruction = GuestInstruction.nothing
            instruct(amount, &instruction)
            let program = try OwnExecutable.path()
            _ = try counter.emulator.inPlace {
                try GuestSide.measure(instruction, program: program, kernel: kernel, launcher: launcher)
            }
            return try counter.counts()
        }
        let (shorter, longer) = (try run(amounts.0), try run(amounts.1))
        return UnitProfile(longer, minus: shorter, units: Double((amounts.1 - amounts.0) * unitsEach))
    }
}
