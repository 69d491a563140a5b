import Glibc

/// The kernel's clocks, one set for all namespaces. A reading is a call into the vDSO, no system call.
public enum SystemClock: Sendable {
    /// Never set back, stands still while the machine sleeps. Sends, receipts and timers.
    case monotonic
    /// Nanoseconds since 1970 UTC. The kernel's receive timestamps are of this clock.
    case realtime
    /// Like monotonic, but counts the machine's sleep; zero is the boot.
    case boottime

    /// The clock's value in nanoseconds.
    public var nanoseconds: Int64 {
        var time = timespec()
        // Fails only for an unknown clock or a bad address.
        clock_gettime(identifier, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The clock's value as a duration since its zero.
    public var now: Duration { .nanoseconds(nanoseconds) }

    private var identifier: clockid_t {
        switch self {
        case .monotonic: CLOCK_MONOTONIC
        case .realtime: CLOCK_REALTIME
        case .boottime: CLOCK_BOOTTIME
        }
    }
}
