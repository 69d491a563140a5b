import KeyExchange

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
    static let startGranularity: Int64 = 5_000_000_000
}
