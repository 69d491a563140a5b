/// Lost probes that the same counter rises can explain, whichever flow they belong to.
struct LossClaim {
    struct Member {
        let flow: Int
        let period: Int
        /// When its probes were sent, ascending.
        var times: [Int64]

        var packets: Int { times.count }
    }

    /// Indices of the rises, in the rises' order.
    let rises: [Int32]
    /// Flow by flow, period by period.
    var members: [Member] = []

    var packets: Int { members.reduce(0) { $0 + $1.packets } }

    /// The claims of all flows, in the order in which their first probes appear.
    static func claims(of flows: [LossLedger.Flow], on rises: [CounterRise], transit: Int64) -> [LossClaim] {
        var placed: [FlowPath.Place: [Int32]] = [:]
        for (index, rise) in rises.enumerated() { placed[rise.counter.place, default: []].append(Int32(index)) }

        var claims: [LossClaim] = []
        var indices: [[Int32]: Int] = [:]
        for (flowIndex, flow) in flows.enumerated() where !flow.lossPeriods.isEmpty {
            let admitted = flow.path.passages.flatMap { passage in
                (placed[passage.place] ?? []).filter { !rises[Int($0)].meaning.group.isDisjoint(with: passage.groups) }
            }
            var window = RiseWindow(Set(admitted), of: rises, transit: transit)
            var current: Int?
            for (periodIndex, period) in flow.lossPeriods.enumerated() {
                for time in period {
                    let moved = window.move(to: time)
                    let claim = moved ? nil : current
                    let index = claim ?? indices[window.open] ?? claims.count
                    if index == claims.count {
                        indices[window.open] = index
                        claims.append(LossClaim(rises: window.open))
                    }
                    claims[index].add(time, flow: flowIndex, period: periodIndex)
                    current = index
                }
            }
        }
        return claims
    }

    private mutating func add(_ time: Int64, flow: Int, period: Int) {
        if let last = members.last, last.flow == flow, last.period == period {
            members[members.count - 1].times.append(time)
        } else {
            members.append(Member(flow: flow, period: period, times: [time]))
        }
    }

    /// Divide what the claim was allocated among its members in proportion to what each still lacks.
    ///
    /// - Returns: the shares, and of each member how many probes are left unexplained.
    func shares(of causes: some Sequence<LossCause>) -> (shares: [(flow: Int, period: Int, cause: LossCause)], lacking: [Int]) {
        var shares: [(flow: Int, period: Int, cause: LossCause)] = []
        var lacking = members.map(\.packets)
        var total = packets
        for cause in causes {
            // Cumulative rounding down: no member gets more than it lacks, and the shares add up.
            var before = 0
            for (index, member) in members.enumerated() where lacking[index] > 0 {
                let after = before + lacking[index]
                let share = after * cause.packets / total - before * cause.packets / total
                before = after
                guard share > 0 else { continue }
                lacking[index] -= share
                shares.append((member.flow, member.period, LossCause(counter: cause.counter, packets: share)))
            }
            total -= cause.packets
        }
        return (shares, lacking)
    }
}

/// The rises that can have counted a probe sent at a moment that moves on.
private struct RiseWindow {
    /// Indices of the rises, ascending.
    private(set) var open: [Int32] = []
    private let rises: [CounterRise]
    private let transit: Int64
    /// In the order in which they open.
    private let pending: [Int32]
    private var next = 0

    init(_ admitted: Set<Int32>, of rises: [CounterRise], transit: Int64) {
        self.rises = rises
        self.transit = transit
        pending = admitted.sorted { (rises[Int($0)].from, $0) < (rises[Int($1)].from, $1) }
    }

    /// Whether other rises are open now.
    mutating func move(to time: Int64) -> Bool {
        var moved = false
        while next < pending.count, rises[Int(pending[next])].from - transit <= time {
            open.append(pending[next])
            next += 1
            moved = true
        }
        if open.contains(where: { rises[Int($0)].to < time }) {
            open.removeAll { rises[Int($0)].to < time }
            moved = true
        }
        if moved { open.sort() }
        return moved
    }
}
