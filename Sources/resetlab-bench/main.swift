// Measures what docs/performance.md promises. Started by scripts/bench; it starts itself once more as process 1 of a guest, for what is
// measured inside.
import Glibc
import Lab
import Processes

Launcher.runIfAsked(CommandLine.arguments)
do {
    if ProcessOne.isThisProcess { try GuestSide.run() }
    if Array(CommandLine.arguments.dropFirst()) == [BenchArguments.probesAlone] {
        print(try ProbeFindings.measured().markdownTable, terminator: "")
        exit(0)
    }
    if CommandLine.arguments.dropFirst().first == BenchArguments.labsAlone {
        let sizes = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        let mininet = CommandLine.arguments.dropFirst(2).first { $0.hasPrefix("/") }
        print(
            try LabFindings.measured(
                mininet: mininet, sizes: LabFindings.sizes.filter { sizes.isEmpty || sizes.contains($0.sites) }
            ).markdownTable, terminator: "")
        exit(0)
    }
    if CommandLine.arguments.dropFirst().first == BenchArguments.guestLabsAlone {
        try Bench.labsInGuest(sizes: CommandLine.arguments.dropFirst(2).compactMap { Int($0) })
        exit(0)
    }
    if CommandLine.arguments.dropFirst().first == BenchArguments.guestReinstallAlone {
        try Bench.reinstallationInGuest()
        exit(0)
    }
    if CommandLine.arguments.dropFirst().first == BenchArguments.resetsAlone {
        let sizes = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        print(try Bench.resets(sizes: sizes.isEmpty ? ResetBenchmark.sizes : sizes).markdownTable, terminator: "")
        exit(0)
    }
    if CommandLine.arguments.dropFirst().first == CostBenchmark.alone,
        let benchmark = CostBenchmark(Array(CommandLine.arguments.dropFirst(2)))
    {
        try benchmark.run()
        exit(0)
    }
    if CommandLine.arguments.count == 4, CommandLine.arguments[1] == ProfileBenchmark.alone {
        try ProfileBenchmark(topologies: CommandLine.arguments[2], output: CommandLine.arguments[3]).run()
        exit(0)
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == RehearsalFindings.alone {
        print(
            try RehearsalFindings.measured(resetlab: OwnExecutable.sibling("resetlab"), topologies: CommandLine.arguments[2]).markdownTable,
            terminator: "")
        exit(0)
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == ShiftFindings.alone {
        print(
            try ShiftFindings.measured(resetlab: OwnExecutable.sibling("resetlab"), topologies: CommandLine.arguments[2]).markdownTable,
            terminator: "")
        exit(0)
    }
    if Array(CommandLine.arguments.dropFirst()) == [StartFindings.alone] {
        print(try StartFindings.measured(agent: OwnExecutable.sibling("resetlab-agent")).markdownTable, terminator: "")
        exit(0)
    }
    guard let arguments = BenchArguments(CommandLine.arguments.dropFirst()) else {
        standardError(BenchArguments.usage)
        exit(2)
    }
    try Bench(arguments).run()
} catch {
    standardError("resetlab-bench: \(error)")
    if ProcessOne.isThisProcess { ProcessOne.end(status: 1) }
    exit(4)
}

func standardError(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
