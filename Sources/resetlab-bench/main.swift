// Measures what docs/performance.md promises. Started by scripts/bench; it starts itself once more as process 1 of a guest, for what is
// measured inside.
import Glibc
import Lab
import Processes

Launcher.runIfAsked(CommandLine.arguments)
do {
    if ProcessOne.isThisProcess { try GuestSide.run() }
    guard let arguments = BenchArguments(CommandLine.arguments.dropFirst()) else {
        standardError(BenchArguments.usage)
        exit(2)
    }
    try arguments.benchmark.run(arguments)
} catch {
    standardError("resetlab-bench: \(error)")
    if ProcessOne.isThisProcess { ProcessOne.end(status: 1) }
    exit(4)
}

func standardError(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
