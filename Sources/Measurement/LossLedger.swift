/// Accounts for every lost probe by what the kernel counted.
///
/// Counters are read when the lab's state changes, so a counter's rise between two readings is known, but neither when in between nor whose
/// packets they were: a gateway's counters count the packets of all connections, and a packet sent before a reading may die after it. The
/// ledger finds the allocation that explains the most lost probes:
///
///     lost probes of one loss period,          a counter's rise
///     sent in the same interval                between two readings
///     ──────────────────────────────  ──────>  ────────────────────
///
/// where the flow's path passes the counter, and the probe was sent before the second reading and at most the longest transit time before the
/// first. Exact counters are used up before general ones (`CounterMeaning.Precedence`), as the latter often count the same packets again.
/// What no counter explains is reported as such. Where a counter's rise is too small for all who may claim it, the claims are met in
/// proportion among equals and in the order of the flows otherwise. Equal inputs give equal ledgers.
public struct LossLedger: Sendable {
    /// A flow's lost probes.
    public struct Flow: Sendable {
        public var path: FlowPath
        /// For each loss period, when its lost probes were sent: nanoseconds since the measured part's start, ascending.
        public var lossPeriods: [[Int64]]

        public init(path: FlowPath, lossPeriods: [[Int64]]) {
            self.path = path
            self.lossPeriods = lossPeriods
        }

        public init(path: FlowPath, trace: FlowTrace) {
            self.init(path: path, lossPeriods: trace.lossPeriods.map { trace.lostSendTimes(in: $0) })
        }
    }

    /// For each flow and each of its loss periods the causes; they add up to the lost probes.
    public let causes: [[[LossCause]]]
    /// Every counter that rose, in the counters' order.
    public let totals: [LedgerTotal]

    /// - Parameters:
    ///   - snapshots: in any order.
    ///   - transit: the longest time in nanoseconds from a probe's sending to its death, when it was under way all the time.
    ///   - waiting: how much longer a packet may have waited for its next hop's address before it died. Only what nothing explains
    ///     otherwise is taken to have waited.
    public init(flows: [Flow], snapshots: [CounterSnapshot], transit: Int64, waiting: Int64 = 0) {
        var rises = CounterRise.rises(in: snapshots, resolution: transit)
        let whole = rises.map(\.packets)
        var causes = flows.map { Array(repeating: [LossCause](), count: $0.lossPeriods.count) }
        var left = Self.allocate(flows, &rises, transit: transit, &causes)
        if waiting > 0 { left = Self.allocate(left, &rises, transit: transit + waiting, &causes) }
        for (flow, periods) in left.map(\.lossPeriods).enumerated() {
            for (period, probes) in periods.enumerated() where !probes.isEmpty {
                causes[flow][period].append(LossCause(counter: nil, packets: probes.count))
            }
        }
        self.causes = causes.map { $0.map { LossCause.sum([$0]) } }

        var totals: [LedgerTotal] = []
        for (rise, whole) in zip(rises, whole).sorted(by: { $0.0.counter < $1.0.counter }) {
            if totals.last?.counter != rise.counter { totals.append(LedgerTotal(counter: rise.counter, delta: 0, allocated: 0)) }
            totals[totals.count - 1].delta += whole
            totals[totals.count - 1].allocated += Int(clamping: whole - rise.packets)
        }
        self.totals = totals
    }

    /// Explains as many lost probes as the rises can, which are reduced to what they have to spare.
    ///
    /// - Returns: the same flows with the probes that are left, those sent last of each period.
    private static func allocate(
        _ flows: [Flow], _ rises: inout [CounterRise], transit: Int64, _ causes: inout [[[LossCause]]]
    ) -> [Flow] {
        let claims = LossClaim.claims(of: flows, on: rises, transit: transit)
        var network = AllocationNetwork(
            demands: claims.map { ($0.packets, $0.rises) }, capacities: rises.map { Int(clamping: $0.packets) })
        for precedence in CounterMeaning.Precedence.allCases {
            network.openSuppliers(before: rises.firstIndex { $0.meaning.precedence > precedence } ?? rises.count)
        }
        var left = flows.map { Flow(path: $0.path, lossPeriods: Array(repeating: [], count: $0.lossPeriods.count)) }
        for (index, claim) in claims.enumerated() {
            var allocation: [LossCause] = []
            for (rise, packets) in zip(claim.rises, network.allocation(ofDemand: index)) where packets > 0 {
                allocation.append(LossCause(counter: rises[Int(rise)].counter, packets: packets))
            }
            let (shares, lacking) = claim.shares(of: allocation)
            for share in shares { causes[share.flow][share.period].append(share.cause) }
            for (member, count) in zip(claim.members, lacking) where count > 0 {
                left[member.flow].lossPeriods[member.period] += member.times.suffix(count)
            }
        }
        for index in left.indices {
            for period in left[index].lossPeriods.indices { left[index].lossPeriods[period].sort() }
        }
        for (index, spare) in network.spare.enumerated() { rises[index].packets = UInt64(spare) }
        return left
    }
}
