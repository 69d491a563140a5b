/// What one direction of one connection went through.
public struct FlowResult: Codable, Sendable, Equatable {
    /// The connection's name.
    public var connection: String
    public var direction: FlowDirection
    /// Offered probes per second.
    public var rate: Double
    /// Probes that entered the network; the `unsent` ones never did, and are not lost.
    public var sent: Int
    public var unsent: Int
    /// Probes that arrived, each counted once.
    public var received: Int
    public var lost: Int
    /// Arrivals of probes that had arrived before.
    public var duplicates: Int
    /// First arrivals with a smaller sequence number than one before (RFC 4737 §3, Type-P-Reordered).
    public var reordered: Int
    public var lossPeriods: [LossPeriod]
    public var outage: Outage
    /// One-way delay in nanoseconds (RFC 7679), of first arrivals; nil when nothing arrived.
    public var delay: Distribution?

    public init(
        connection: String, direction: FlowDirection, rate: Double, sent: Int, unsent: Int, received: Int, lost: Int, duplicates: Int,
        reordered: Int, lossPeriods: [LossPeriod], outage: Outage, delay: Distribution?
    ) {
        self.connection = connection
        self.direction = direction
        self.rate = rate
        self.sent = sent
        self.unsent = unsent
        self.received = received
        self.lost = lost
        self.duplicates = duplicates
        self.reordered = reordered
        self.lossPeriods = lossPeriods
        self.outage = outage
        self.delay = delay
    }
}
