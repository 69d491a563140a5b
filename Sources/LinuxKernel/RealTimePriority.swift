import Glibc

/// While it exists, the thread that made it goes before all others of the machine that have no real-time priority: at the lowest of these
/// (sched(7), SCHED_FIFO). What it starts does not inherit it.
///
/// To be let go of by the same thread. The kernel leaves the others 5 % of each second even so (`/proc/sys/kernel/sched_rt_runtime_us`).
public struct RealTimePriority: ~Copyable {
    /// nil without the right (CAP_SYS_NICE, or a limit RLIMIT_RTPRIO above 0), or where the control group allows no real-time priority.
    public init?() {
        guard Self.set(SCHED_FIFO | Self.resetOnFork, priority: sched_get_priority_min(SCHED_FIFO)) else { return nil }
    }

    deinit { _ = Self.set(SCHED_OTHER, priority: 0) }

    /// SCHED_RESET_ON_FORK, which the headers have as a macro that is not imported.
    private static let resetOnFork: Int32 = 0x4000_0000

    private static func set(_ policy: Int32, priority: Int32) -> Bool {
        var parameters = sched_param(sched_priority: priority)
        // 0 is the calling thread.
        return sched_setscheduler(0, policy, &parameters) == 0
    }
}
