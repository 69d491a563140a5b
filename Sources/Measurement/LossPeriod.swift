/// A maximal run of lost probes (RFC 3357). Probes that were never sent neither belong to a run nor end it.
public struct LossPeriod: Codable, Sendable, Equatable {
    /// When the first lost probe was sent: nanoseconds since the measured part's start.
    public var start: Int64
    /// When the last lost probe was sent.
    public var end: Int64
    public var firstSequence: Int
    public var lastSequence: Int
    /// How many probes were lost; fewer than the sequence numbers span where some were not sent.
    public var lost: Int
    /// The outage by the frame-loss method (RFC 6201 §1.3): lost probes over the offered rate, in nanoseconds.
    public var frameLoss: Int64
    /// The outage by the timestamp method (RFC 6201 §1.3): from the arrival of the last probe before the run to the arrival of the first
    /// one after it, in nanoseconds. nil where there is no such probe: the run began with the flow or lasted to its end.
    public var timestamp: Int64?
    /// What the kernel counted for the lost probes. The packets add up to `lost`. Empty until the ledger is balanced.
    public var causes: [LossCause]

    public init(
        start: Int64, end: Int64, firstSequence: Int, lastSequence: Int, lost: Int, frameLoss: Int64, timestamp: Int64?,
        causes: [LossCause] = []
    ) {
        self.start = start
        self.end = end
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.lost = lost
        self.frameLoss = frameLoss
        self.timestamp = timestamp
        self.causes = causes
    }
}
