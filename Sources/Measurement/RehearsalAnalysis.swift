/// Turns the traces of a rehearsal's flows and the counters read meanwhile into results: loss periods, their causes, and the outages.
public struct RehearsalAnalysis: Sendable {
    /// A flow with all that is known of it.
    public struct Flow: Sendable {
        public var connection: String
        public var direction: FlowDirection
        public var trace: FlowTrace
        public var path: FlowPath

        public init(connection: String, direction: FlowDirection, trace: FlowTrace, path: FlowPath) {
            self.connection = connection
            self.direction = direction
            self.trace = trace
            self.path = path
        }
    }

    /// In the flows' order.
    public let results: [FlowResult]
    public let ledger: [LedgerTotal]

    /// - Parameters:
    ///   - snapshots: of the counters, with a reading before the first probe and one after the last.
    ///   - rule: what counts as the outage.
    public init(flows: [Flow], snapshots: [CounterSnapshot], rule: OutageRule) {
        let delays = flows.map { $0.trace.delay }
        let longestDelay = delays.compactMap { $0?.maximum }.max() ?? 0
        let ledger = LossLedger(
            flows: flows.map { LossLedger.Flow(path: $0.path, trace: $0.trace) }, snapshots: snapshots,
            transit: longestDelay + Self.processing, waiting: Self.resolution)
        self.ledger = ledger.totals
        results = flows.indices.map { index in
            let flow = flows[index]
            return FlowResult(
                connection: flow.connection, direction: flow.direction, trace: flow.trace, delay: delays[index], rule: rule,
                causes: ledger.causes[index],
                transit: delays[index]?.maximum ?? longestDelay)
        }
    }

    /// How much longer than the longest delay of any probe that arrived one that died may have been under way, in nanoseconds: readings of
    /// the counters take their time.
    private static let processing: Int64 = 20_000_000
    /// How long a packet may wait for its next hop's address, in nanoseconds: three solicitations a second apart (`neigh/*/mcast_solicit`,
    /// `retrans_time_ms`), and a little.
    private static let resolution: Int64 = 3_500_000_000
}
