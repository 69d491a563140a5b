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
