import Glibc
import Lab
import Measurement

/// What a long run's traces take.
let memoryChecks: [KernelCheck] = [KernelCheck("memory.a-million-probes-take-less-than-64-MiB", run: millionProbes)]

private func millionProbes() throws {
    let probes = 1_000_000
    let before = try residentPeak(forgetting: true)
    var trace = FlowTrace(rate: 1_000, expectedProbes: probes)
    for sequence in 0..<probes {
        let time = Int64(sequence) * 1_000_000
        trace.recordSend(sequence: sequence, at: time)
        // An outage of 100 s, and now and then a probe lost at random.
        if (400_000..<500_000).contains(sequence) || sequence % 10_000 == 7 { continue }
        trace.recordArrival(sequence: sequence, at: time + 20_000_000 + Int64(sequence &* 7919 % 1_000))
    }
    let filled = try residentPeak(forgetting: false)
    let flow = RehearsalAnalysis.Flow(connection: "hq", direction: .toGateway, trace: trace, path: FlowPath())
    let analysis = RehearsalAnalysis(flows: [flow], snapshots: [], rule: OutageRule(reset: 390_000_000_000, minimumRun: 2))
    let peak = try residentPeak(forgetting: false)

    guard let result = analysis.results.first else { throw Failure(description: "a flow without a result") }
    try expectEqual(result.sent, probes, "probes sent")
    try expectEqual(result.lost, 100_000 + 90, "probes lost")
    // Counted by the kernel, in KiB.
    try expect(filled - before >= probes * FlowTrace.bytesPerProbe >> 10, "the trace takes \(filled - before) KiB: less than it holds")
    try expect(peak - before < 64 << 10, "a million probes take \(peak - before) KiB, \(filled - before) of them before they are evaluated")
    standardError("a million probes take \(peak - before) KiB, \(filled - before) of them before they are evaluated")
}

/// The most memory that this process has had in use, in KiB (`VmHWM`, proc_pid_status(5)).
///
/// - Parameter forgetting: begins anew with what is in use now.
private func residentPeak(forgetting: Bool) throws -> Int {
    if forgetting {
        // proc_pid_clear_refs(5)
        guard let file = fopen("/proc/self/clear_refs", "we") else { throw Failure(description: "/proc/self/clear_refs cannot be opened") }
        fputs("5", file)
        fclose(file)
    }
    guard let file = fopen("/proc/self/status", "re") else { throw Failure(description: "/proc/self/status cannot be opened") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(
            whereSeparator: \.isWhitespace)
        if words.count == 3, words[0] == "VmHWM:", let peak = Int(words[1]) { return peak }
    }
    throw Failure(description: "/proc/self/status has no VmHWM")
}
