import KeyExchange
import LinuxKernel

/// What differs between a lab on the host and one in a guest, and between the two clocks.
public struct LabEnvironment: Sendable {
    /// Whether other programs share the kernel: then everything made is journalled.
    public var isShared: Bool
    /// Whether time is counted in instructions, and everything must come out the same twice.
    public var isRepeatable: Bool

    public init(isShared: Bool, isRepeatable: Bool) {
        self.isShared = isShared
        self.isRepeatable = isRepeatable
    }

    /// The measured part begins at a whole multiple of this many nanoseconds of uptime where the run must be repeatable: by then, a boot
    /// that took a little longer with another build of the agent makes no difference.
    private static let startGranularity: Int64 = 5_000_000_000

    /// When a measured part begins: shortly, or, where the run must be repeatable, at the next whole multiple of the granularity of the uptime.
    ///
    /// - Returns: CLOCK_MONOTONIC and CLOCK_BOOTTIME at that instant, in nanoseconds.
    func nextStart() -> (monotonic: Int64, uptime: Int64) {
        let monotonic = SystemClock.monotonic.nanoseconds
        let uptime = SystemClock.boottime.nanoseconds
        // A little ahead in any case: the first sends must not be late.
        let earliest = uptime + 200_000_000
        guard isRepeatable else { return (monotonic + 200_000_000, earliest) }
        let aligned = (earliest + Self.startGranularity - 1) / Self.startGranularity * Self.startGranularity
        // Asleep there is no guest: both clocks run alike, and their difference is constant.
        return (monotonic + aligned - uptime, aligned)
    }
}
