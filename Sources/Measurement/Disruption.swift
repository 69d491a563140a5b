/// One part of an outage: a run of losses, or several with no recovery in between that held.
///
/// All times are nanoseconds since the measured part's start.
public struct Disruption: Codable, Sendable, Equatable {
    /// When its first and its last lost probe were sent.
    public var start: Int64
    public var end: Int64
    public var lost: Int
    /// When the first probe after its last loss arrived; nil where none did.
    public var recovery: Int64?
    /// When recovery had held for the longer of 5 s and 5 probes; nil where the measurement ended before.
    public var sustained: Int64?

    public init(start: Int64, end: Int64, lost: Int, recovery: Int64?, sustained: Int64?) {
        self.start = start
        self.end = end
        self.lost = lost
        self.recovery = recovery
        self.sustained = sustained
    }
}
