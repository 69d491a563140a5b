/// The part of a flow's losses that the reset caused, as against background loss. `OutageRule` draws the line.
public struct Outage: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// No loss that the reset caused.
        case none
        /// Over, and since then nothing of the kind for the longer of 5 s and 5 probes (RFC 6412, sustained convergence validation time).
        case recovered
        /// Probes arrived again, but the measurement ended before recovery was seen to hold.
        case unconfirmed
        /// The last probes of the measurement were lost.
        case notRecovered = "not-recovered"
    }

    public var state: State
    /// How many separate disruptions it had: two when a recovery held in between. 0 without loss.
    public var disruptions: Int
    /// These disruptions, in order.
    public var parts: [Disruption]
    /// When the first and the last of its lost probes were sent: nanoseconds since the measured part's start; nil without loss.
    public var start: Int64?
    public var end: Int64?
    /// When the first probe after its last loss arrived; nil without loss and where there is none.
    public var recovery: Int64?
    public var lost: Int
    /// By the frame-loss method: lost probes over the offered rate, in nanoseconds. 0 is "no loss".
    public var frameLoss: Int64
    /// By the timestamp method, in nanoseconds: for each disruption from the arrival of the last probe before it to the arrival of the first
    /// after it, summed. nil where a disruption has no such probe on one side: it began with the flow or lasted to its end.
    public var timestamp: Int64?
    /// Either method's resolution: plus or minus one probe's interval, in nanoseconds.
    public var resolution: Int64
    /// How many consecutive losses made a run count as an outage.
    public var minimumRun: Int
    /// Lost probes outside the outage.
    public var backgroundLost: Int
    /// What the kernel counted for the outage's lost probes.
    public var causes: [LossCause]

    public init(
        state: State, parts: [Disruption], start: Int64?, end: Int64?, recovery: Int64?, lost: Int, frameLoss: Int64, timestamp: Int64?,
        resolution: Int64, minimumRun: Int, backgroundLost: Int, causes: [LossCause]
    ) {
        self.state = state
        self.parts = parts
        disruptions = parts.count
        self.start = start
        self.end = end
        self.recovery = recovery
        self.lost = lost
        self.frameLoss = frameLoss
        self.timestamp = timestamp
        self.resolution = resolution
        self.minimumRun = minimumRun
        self.backgroundLost = backgroundLost
        self.causes = causes
    }
}
