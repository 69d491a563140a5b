import Processes

/// One of the things that scripts/bench measures, by the word that has only it measured.
struct Benchmark: Sendable {
    let word: String
    /// What may stand behind the word, for the usage; empty for nothing.
    let operands: String
    let run: @Sendable (BenchArguments) throws -> Void

    /// Its table on standard output.
    private static func table(
        _ word: String, _ operands: String = "", _ findings: @escaping @Sendable (BenchArguments) throws -> [Finding]
    ) -> Benchmark {
        Benchmark(word: word, operands: operands) { print(try findings($0).markdownTable, terminator: "") }
    }

    static let all: [Benchmark] = [
        Benchmark(word: "all", operands: "") { try Bench($0).run() },
        table("probes") { _ in try ProbeFindings.measured() },
        table("start") { _ in try StartFindings.measured(agent: OwnExecutable.sibling("resetlab-agent")) },
        table("rehearsals") {
            try RehearsalFindings.measured(resetlab: OwnExecutable.sibling("resetlab"), topologies: $0.topologies)
        },
        table("labs", "[SITES...]") { arguments in
            let wanted = try arguments.sizes(otherwise: LabFindings.sizes.map(\.sites))
            return try LabFindings.measured(
                mininet: arguments.mininet, sizes: LabFindings.sizes.filter { wanted.contains($0.sites) })
        },
        table("guest-labs", "[SITES...]") { try Bench.labsInGuest(sizes: $0.sizes(otherwise: LabFindings.sizes.map(\.sites))) },
        table("guest-reinstall") { _ in try Bench.reinstallationInGuest() },
        table("resets", "[SITES...]") { try Bench.resets(sizes: $0.sizes(otherwise: ResetBenchmark.sizes)) },
        table("shift") { try ShiftFindings.measured(resetlab: OwnExecutable.sibling("resetlab"), topologies: $0.topologies) },
        Benchmark(word: "cost", operands: "[ROUNDS [WORD-IN-NAME...]]") { try CostBenchmark($0).run() },
        Benchmark(word: "profile", operands: "") { try ProfileBenchmark(arguments: $0).run() },
    ]
}
