import AgentProtocol
import Glibc
import LinuxKernel

/// What the kernel tells of its processors since its start (proc_stat(5), `/proc/interrupts`).
///
/// Idle time is in hundredths of a second, and is without the interrupts that are handled in it (`tick_irq_enter`), other than that of the idle
/// driver (cpuidle). `/proc/timer_list` has nanoseconds, and takes time by the square of the kernel's timers, of which each SA has one.
struct ProcessorTimes {
    static let (statistics, interrupts) = ("/proc/stat", "/proc/interrupts")

    /// All processors together, waiting for disks included, in nanoseconds.
    let idle: Int64
    /// By the processors' own timers.
    let timerInterrupts: Int64

    /// nil where the kernel does not tell.
    ///
    /// - Parameters:
    ///   - statistics: the text of `/proc/stat`.
    ///   - interrupts: the text of `/proc/interrupts`, of a kernel for x86.
    ///   - ticks: in a second, of the former's unit (`sysconf(_SC_CLK_TCK)`).
    init?(statistics: String, interrupts: String, ticks: Int) {
        // "cpu  10 0 310 6022 1 0 12 0 0 0": user, nice, system, idle, iowait, …
        guard let total = Self.words(of: "cpu", statistics), total.count > 4, let asleep = Int64(total[3]), let waiting = Int64(total[4])
        else {
            return nil
        }
        // "LOC:       4711   Local timer interrupts", a number for each processor.
        guard let timers = Self.words(of: "LOC:", interrupts) else { return nil }
        let counts = timers.prefix { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }.compactMap { Int64($0) }
        guard !counts.isEmpty, ticks > 0 else { return nil }
        idle = (asleep + waiting) * (1_000_000_000 / Int64(ticks))
        timerInterrupts = counts.reduce(0, +)
    }

    /// The words after a line's first one.
    private static func words(of first: String, _ text: String) -> [Substring]? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first.map(String.init) == first { return Array(words.dropFirst()) }
        }
        return nil
    }
}

extension ProcessorUse {
    /// Until now.
    ///
    /// - Throws: `SystemCallError` where a file cannot be read, `AgentMessage.Failure` where it does not tell.
    static func read() throws -> ProcessorUse {
        let times = ProcessorTimes(
            statistics: try FileContents.text(ProcessorTimes.statistics), interrupts: try FileContents.text(ProcessorTimes.interrupts),
            ticks: sysconf(Int32(_SC_CLK_TCK)))
        guard let times else {
            throw AgentMessage.Failure(
                kind: .unsupported,
                message: "\(ProcessorTimes.statistics) and \(ProcessorTimes.interrupts) do not tell how long the kernel was idle")
        }
        return ProcessorUse(uptime: SystemClock.boottime.nanoseconds, idle: times.idle, wakeUps: times.timerInterrupts)
    }
}
