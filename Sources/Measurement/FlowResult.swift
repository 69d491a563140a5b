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
    public var delay: FlowDelay

    public init(
        connection: String, direction: FlowDirection, rate: Double, sent: Int, unsent: Int, received: Int, lost: Int, duplicates: Int,
        reordered: Int, lossPeriods: [LossPeriod], outage: Outage, delay: FlowDelay
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

extension FlowResult {
    /// The summary of a finished trace.
    ///
    /// - Parameters:
    ///   - rule: what counts as the reset's outage.
    ///   - causes: for each of the trace's loss periods, as `LossLedger` found them; empty without a ledger.
    public init(connection: String, direction: FlowDirection, trace: FlowTrace, rule: OutageRule, causes: [[LossCause]] = []) {
        let delay = trace.delay
        self.init(
            connection: connection, direction: direction, trace: trace, delay: delay, rule: rule, causes: causes,
            transit: delay?.maximum ?? 0)
    }

    /// - Parameters:
    ///   - delay: the trace's own.
    ///   - transit: the flow's longest one-way delay in nanoseconds.
    init(
        connection: String, direction: FlowDirection, trace: FlowTrace, delay: Distribution?, rule: OutageRule, causes: [[LossCause]],
        transit: Int64
    ) {
        var periods = trace.lossPeriods
        for (index, causes) in zip(periods.indices, causes) { periods[index].causes = causes }
        let outage = rule.outage(of: trace, periods: periods, transit: transit)
        self.init(
            connection: connection, direction: direction, rate: trace.rate, sent: trace.sent, unsent: trace.unsent,
            received: trace.received, lost: trace.lost, duplicates: trace.duplicates, reordered: trace.reordered, lossPeriods: periods,
            outage: outage, delay: FlowDelay(of: trace, all: delay, outage: outage))
    }
}
