import AgentProtocol
import Glibc
import LabPlan
import LinuxKernel

/// How much memory this kernel has left: the guest's, or the host's.
enum AvailableMemory {
    /// What traces may take of it: the lab and the agent itself need their part too.
    private static let partForTraces = 0.75

    /// Refuses a rehearsal whose probes cannot all be recorded, before anything is measured: otherwise the kernel would end the agent in
    /// the middle of it.
    ///
    /// - Throws: `AgentMessage.Failure` with what was found and what is allowed.
    static func check(_ plan: LabPlan) throws {
        guard let available = bytes() else { return }
        try check(TraceMemory(plan), rate: plan.rehearsal.probeRate, available: available)
    }

    static func check(_ traces: TraceMemory, rate: Double, available: Int) throws {
        let allowed = Int(Double(available) * partForTraces)
        guard traces.bytes > allowed else { return }
        let fitting = traces.probesThatFit(in: allowed)
        throw AgentMessage.Failure(
            kind: .badRequest,
            message: """
                the rehearsal's probes do not fit into this kernel's memory: found \(traces.probes) probes in each of \(traces.flows) flows, \
                which take \(traces.bytes >> 20) MiB, where \(available >> 20) MiB are free; allowed: \(fitting) probes in each, \
                that is \(Int(Double(fitting) / rate)) s at \(rate) a second, or a lower rate for longer
                """)
    }

    /// `MemAvailable` (proc_meminfo(5)); nil when it cannot be read.
    private static func bytes() -> Int? {
        guard let file = fopen("/proc/meminfo", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            if words.count == 3, words[0] == "MemAvailable:" { return Int(words[1]).map { $0 << 10 } }
        }
        return nil
    }
}
