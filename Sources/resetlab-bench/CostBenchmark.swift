import Glibc
import GuestKernel
import LinuxKernel
import Processes
import RunCost

/// What rehearsals in virtual time cost, and how well the model of that (`CostModel`) predicts it.
struct CostBenchmark {
    /// The word in place of arguments that has only this measured; then the topologies' folder, the one for the tables, and how many rounds,
    /// and words of which a run's name has to have one.
    static let alone = "cost"
    private static let rounds = 3

    let topologies: String
    /// Where cost.md and cost.json are written.
    let output: String
    let rounds: Int
    /// Empty for all runs.
    let words: [String]

    /// nil when they are others.
    init?(_ arguments: [String]) {
        guard arguments.count >= 2 else { return nil }
        words = Array(arguments.dropFirst(3))
        (topologies, output) = (arguments[0], arguments[1])
        guard arguments.count > 2 else {
            rounds = Self.rounds
            return
        }
        guard let rounds = Int(arguments[2]), rounds > 0 else { return nil }
        self.rounds = rounds
    }

    func run() throws {
        let launcher = Launcher()
        let agent = try OwnExecutable.sibling("resetlab-agent")
        var surroundings = try Surroundings(resetlab: try OwnExecutable.sibling("resetlab"))
        let kernel = try KernelCache(folder: try CacheFolder(), launcher: launcher).kernel { standardError($0) }
        surroundings.guestKernel = kernel.release
        let cases = try CostCase.all(topologies: topologies).filter { one in words.isEmpty || words.contains { one.name.contains($0) } }
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
        guard mkdir(output, 0o755) == 0 || errno == EEXIST else { throw SystemCallError("mkdir", output, .last) }
        try OutputFile.write(Array(report.markdown.utf8), to: "\(output)/cost.md")
        try OutputFile.write(report.json(), to: "\(output)/cost.json")
    }
}
