import AgentProtocol
import LinuxKernel

/// The kernel's list of timers, which tells what its processors had to do more exactly than `/proc/stat` does: in nanoseconds, not in hundredths of
/// a second, and with the number of interrupts.
struct TimerList {
    static let path = "/proc/timer_list"

    /// Since the kernel's start, all processors together, in nanoseconds.
    let idle: Int64
    /// Of the timers that wake a processor up. Idle periods are counted too, but only those in which the tick is stopped.
    let interrupts: Int64

    /// nil without the fields of a kernel that stops its tick while it is idle (CONFIG_NO_HZ), with timers of high resolution.
    init?(_ text: String) {
        var sums: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            // "  .idle_sleeptime : 123456789 nsecs", "  .iowait_sleeptime: 0 nsecs", "  .nr_events      : 4103"
            let parts = line.split(separator: ":")
            guard parts.count == 2, let name = parts[0].split(separator: " ").first, name.hasPrefix("."),
                let value = parts[1].split(separator: " ").first.flatMap({ Int64($0) })
            else { continue }
            sums[name.dropFirst(), default: 0] += value
        }
        guard let asleep = sums["idle_sleeptime"], let awaitingDisks = sums["iowait_sleeptime"], let interrupts = sums["nr_events"] else {
            return nil
        }
        idle = asleep + awaitingDisks
        self.interrupts = interrupts
    }
}

extension ProcessorUse {
    /// Until now.
    ///
    /// - Throws: `SystemCallError` where the list cannot be read (it needs root), `AgentMessage.Failure` where it does not tell.
    static func read() throws -> ProcessorUse {
        guard let list = TimerList(String(decoding: try FileContents.read(TimerList.path), as: UTF8.self)) else {
            throw AgentMessage.Failure(kind: .unsupported, message: "\(TimerList.path) does not tell how long the kernel was idle")
        }
        return ProcessorUse(uptime: SystemClock.boottime.nanoseconds, idle: list.idle, wakeUps: list.interrupts)
    }
}
