import GuestKernel
import LinuxKernel
import Processes
import RunCost

/// What rehearsals in virtual time cost, and how well the model of that (`CostModel`) predicts it.
struct CostBenchmark {
    private static let rounds = 3

    private let arguments: BenchArguments
    private let rounds: Int
    /// Of which a run's name has to have one; empty for all runs.
    private let words: [String]

    /// - Throws: `BenchFailure` when the first operand is no number of rounds.
    init(_ arguments: BenchArguments) throws {
        self.arguments = arguments
        words = Array(arguments.operands.dropFirst())
        guard let text = arguments.operands.first else {
            rounds = Self.rounds
            return
        }
        guard let rounds = Int(text), rounds > 0 else { throw BenchFailure("'\(text)' is no number of rounds, such as 3") }
        self.rounds = rounds
    }

    func run() throws {
        let launcher = Launcher()
        let agent = try OwnExecutable.sibling("resetlab-agent")
        var surroundings = try Surroundings(resetlab: try OwnExecutable.sibling("resetlab"))
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        surroundings.guestKernel = kernel.release
        let cases = try CostCase.all(topologies: arguments.topologies).filter { one in
            words.isEmpty || words.contains { one.name.contains($0) }
        }
        guard !cases.isEmpty else { throw BenchFailure("no run has a name with \(words.joined(separator: " or ")) in it") }
        var runs = [[CostRun]](repeating: [], count: cases.count)
        // In turn: a time in which the machine is busy is spread over all.
        for round in 1...rounds {
            for (index, one) in cases.enumerated() {
                let run = try CostRun.measure(one.plan, agent: agent, kernel: kernel, launcher: launcher)
                standardError(
                    "round \(round) of \(rounds): \(one.name): \(run.use.instructions) instructions, \(run.use.wakeUps) wake-ups, "
                        + "\(Decimals.text(run.start)) + \(Decimals.text(run.rest)) s")
                runs[index].append(run)
            }
        }
        let report = CostReport(
            zip(cases, runs).map { CostReport.Entry($0, runs: $1) }, seconds: try SecondCost.all(), surroundings)
        print(report.markdown, terminator: "")
        try arguments.write(report.markdown, json: report.json(), named: "cost")
    }
}
