import Testing

@testable import Measurement

@Suite struct LossLedgerTests {
    static let noStates = CounterKey(node: 2, name: "XfrmInNoStates")
    static let noStatesOut = CounterKey(node: 4, name: "XfrmOutNoStates")
    static let noRoutes = CounterKey(node: 0, name: "IpExtInNoRoutes")
    static let otherHost = CounterKey(node: 2, interface: "out", name: "rx_otherhost_dropped")
    static let drops = CounterKey(node: 0, interface: "gw", name: "qdisc_drops")
    static let unreachable = CounterKey(node: 0, name: "IcmpOutDestUnreachs")
    static let transit = 100 * millisecond

    /// A flow that passes all of the counters above except the site's.
    private func flow(_ periods: [Int64]..., site: Int? = nil) -> LossLedger.Flow {
        var path = FlowPath()
        path.pass(node: 0, .routing)
        path.pass(node: 0, interface: "gw", [.sending, .receiving])
        path.pass(node: 2, [.opening, .routing])
        path.pass(node: 2, interface: "out", [.sending, .receiving])
        if let site { path.pass(node: site, .sealing) }
        return LossLedger.Flow(path: path, lossPeriods: periods)
    }

    /// Send times every 10 ms.
    private func times(from start: Int64, count: Int) -> [Int64] { (0..<count).map { start + Int64($0) * 10 * millisecond } }

    private func snapshots(_ readings: (seconds: Int64, values: [CounterKey: UInt64])...) -> [CounterSnapshot] {
        readings.map { CounterSnapshot(at: $0.seconds * second, values: $0.values) }
    }

    private func causes(_ pairs: (CounterKey?, Int)...) -> [LossCause] { pairs.map { LossCause(counter: $0.0, packets: $0.1) } }

    @Test("A counter explains the probes lost while it rose")
    func balanced() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 30))],
            snapshots: snapshots((0, [Self.noStates: 7]), (2, [Self.noStates: 37]), (3, [Self.noStates: 37])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStates, 30))]])
        #expect(ledger.totals == [LedgerTotal(counter: Self.noStates, delta: 30, allocated: 30)])
    }

    @Test("What no counter explains is said to be unexplained")
    func unexplained() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 30), times(from: 5 * second, count: 2))],
            snapshots: snapshots((0, [Self.noStates: 0]), (2, [Self.noStates: 28]), (9, [Self.noStates: 28])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStates, 28), (nil, 2)), causes((nil, 2))]])
    }

    @Test("A counter that rose by more than was lost keeps the rest")
    func oversupply() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 5))], snapshots: snapshots((0, [Self.otherHost: 0]), (2, [Self.otherHost: 500])),
            transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.otherHost, 5))]])
        #expect(ledger.totals == [LedgerTotal(counter: Self.otherHost, delta: 500, allocated: 5)])
    }

    @Test("Flows that lost at the same time share a counter in proportion")
    func shared() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 30)), flow(times(from: second, count: 10))],
            snapshots: snapshots((0, [Self.noStates: 0, Self.drops: 0]), (2, [Self.noStates: 20, Self.drops: 20])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.drops, 15), (Self.noStates, 15))], [causes((Self.drops, 5), (Self.noStates, 5))]])
    }

    @Test("A shared counter is left to the flow that has no other explanation")
    func contended() {
        // Both may claim the gateway's 30; only the first has its own site's counter, and must be moved there.
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 30), site: 4), flow(times(from: second, count: 30))],
            snapshots: snapshots(
                (0, [Self.noStates: 0, Self.noStatesOut: 0]), (2, [Self.noStates: 30, Self.noStatesOut: 30])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStatesOut, 30))], [causes((Self.noStates, 30))]])
    }

    @Test("A probe sent shortly before a reading may have died after it, one sent earlier may not")
    func carryOver() {
        let early = 2 * second - 500 * millisecond
        let late = 2 * second - 50 * millisecond
        let readings = snapshots((0, [Self.noStates: 0]), (2, [Self.noStates: 0]), (3, [Self.noStates: 10]))
        #expect(
            LossLedger(flows: [flow([late])], snapshots: readings, transit: Self.transit).causes == [[causes((Self.noStates, 1))]])
        #expect(LossLedger(flows: [flow([early])], snapshots: readings, transit: Self.transit).causes == [[causes((nil, 1))]])
        #expect(
            LossLedger(flows: [flow([3 * second + 1])], snapshots: readings, transit: Self.transit).causes == [[causes((nil, 1))]])
    }

    @Test("Probes at a boundary are moved so that both intervals balance")
    func boundary() {
        // Ten probes in the first interval, the last three of which can have died in the second, and ten in the second.
        let ledger = LossLedger(
            flows: [flow(times(from: 2 * second - 250 * millisecond, count: 10) + times(from: 2 * second + 1, count: 10))],
            snapshots: snapshots((0, [Self.noStates: 0]), (2, [Self.noStates: 10]), (4, [Self.noStates: 20])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStates, 20))]])
        let moved = LossLedger(
            flows: [flow(times(from: 2 * second - 100 * millisecond, count: 10) + times(from: 2 * second + 1, count: 10))],
            snapshots: snapshots((0, [Self.noStates: 0]), (2, [Self.noStates: 4]), (4, [Self.noStates: 20])), transit: Self.transit)
        #expect(moved.causes == [[causes((Self.noStates, 20))]])
    }

    @Test("Exact counters come before those that count the same packets again")
    func precedence() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 10))],
            snapshots: snapshots(
                (0, [Self.noStates: 0, Self.noRoutes: 0, Self.otherHost: 0, Self.drops: 0, Self.unreachable: 0]),
                (2, [Self.noStates: 3, Self.noRoutes: 3, Self.otherHost: 2, Self.drops: 1, Self.unreachable: 50])),
            transit: Self.transit)
        #expect(
            ledger.causes == [
                [causes((Self.unreachable, 1), (Self.noRoutes, 3), (Self.drops, 1), (Self.noStates, 3), (Self.otherHost, 2))]
            ])
    }

    @Test("Exact counters are used up before a general one is asked, also where that means moving another flow")
    func exactFirst() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 10), site: 4), flow(times(from: second, count: 10))],
            snapshots: snapshots(
                (0, [Self.noStates: 0, Self.noStatesOut: 0, Self.drops: 0]), (2, [Self.noStates: 10, Self.noStatesOut: 10, Self.drops: 10])),
            transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStatesOut, 10))], [causes((Self.noStates, 10))]])
    }

    @Test("Counters off the path, or of the other direction, explain nothing")
    func path() {
        let other = CounterKey(node: 2, name: "XfrmOutNoStates")
        let elsewhere = CounterKey(node: 3, name: "XfrmInNoStates")
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 4))],
            snapshots: snapshots((0, [other: 0, elsewhere: 0]), (2, [other: 4, elsewhere: 4])), transit: Self.transit)
        #expect(ledger.causes == [[causes((nil, 4))]])
        #expect(ledger.totals == [other, elsewhere].map { LedgerTotal(counter: $0, delta: 4, allocated: 0) })
    }

    @Test("A counter that a snapshot leaves out was not read: its interval goes on")
    func partialSnapshots() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 10))],
            snapshots: snapshots((0, [Self.noStates: 0]), (2, [Self.drops: 0]), (3, [Self.noStates: 10])), transit: Self.transit)
        #expect(ledger.causes == [[causes((Self.noStates, 10))]])
    }

    @Test("A counter that fell began anew")
    func counterReset() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 6))], snapshots: snapshots((0, [Self.otherHost: 900]), (2, [Self.otherHost: 6])),
            transit: Self.transit)
        #expect(ledger.totals == [LedgerTotal(counter: Self.otherHost, delta: 6, allocated: 6)])
    }

    @Test("A counter's first reading is its baseline")
    func baseline() {
        let ledger = LossLedger(
            flows: [flow(times(from: second, count: 6))], snapshots: snapshots((2, [Self.noStates: 900])), transit: Self.transit)
        #expect(ledger.causes == [[causes((nil, 6))]])
        #expect(ledger.totals.isEmpty)
    }

    @Test("No loss and no snapshots")
    func empty() {
        #expect(LossLedger(flows: [], snapshots: [], transit: Self.transit).totals.isEmpty)
        #expect(LossLedger(flows: [flow()], snapshots: [], transit: Self.transit).causes == [[]])
    }

    @Test("A trace's loss periods are what the ledger balances")
    func fromTrace() {
        let trace = FlowTrace("..xx..xux.")
        var path = FlowPath()
        path.pass(node: 2, .opening)
        let flow = LossLedger.Flow(path: path, trace: trace)
        #expect(flow.lossPeriods == [[200, 300], [600, 800]].map { $0.map { $0 * millisecond } })
        #expect(path.admits(Self.noStates) && !path.admits(Self.noStatesOut) && !path.admits(Self.otherHost))
    }

    /// A rehearsal of 40 connections with random losses and counters that explain about nine in ten.
    private func randomLab(seed: UInt64) -> (flows: [LossLedger.Flow], snapshots: [CounterSnapshot]) {
        var random = SplitMix64(state: seed)
        let flows = (0..<40).map { index in
            flow(
                times(from: Int64.random(in: 0..<4 * second, using: &random), count: Int.random(in: 1..<60, using: &random)),
                times(from: Int64.random(in: 5 * second..<9 * second, using: &random), count: Int.random(in: 1..<20, using: &random)),
                site: 10 + index)
        }
        var values: [CounterKey: UInt64] = [:]
        let counters =
            [Self.noStates, Self.noRoutes, Self.otherHost, Self.drops] + (0..<40).map { CounterKey(node: 10 + $0, name: "XfrmOutNoStates") }
        let snapshots = (0...20).map { step in
            for counter in counters { values[counter, default: 0] += UInt64.random(in: 0..<(counter.node < 10 ? 16 : 3), using: &random) }
            return CounterSnapshot(at: Int64(step) * second / 2, values: values)
        }
        return (flows, snapshots)
    }

    @Test("Every loss period adds up, and no counter gives more than it has", arguments: 1...8)
    func addsUp(seed: UInt64) {
        let lab = randomLab(seed: seed)
        let ledger = LossLedger(flows: lab.flows, snapshots: lab.snapshots, transit: Self.transit)
        for (flow, causes) in zip(lab.flows, ledger.causes) {
            #expect(causes.map { $0.reduce(0) { $0 + $1.packets } } == flow.lossPeriods.map(\.count))
        }
        var given: [CounterKey: Int] = [:]
        for cause in ledger.causes.joined().joined() { cause.counter.map { given[$0, default: 0] += cause.packets } }
        for total in ledger.totals {
            #expect(total.allocated == given[total.counter, default: 0])
            #expect(total.allocated <= total.delta)
        }
        #expect(given.count > 40)
    }

    @Test("The order of snapshots and of readings does not matter", arguments: 1...4)
    func deterministic(seed: UInt64) {
        let lab = randomLab(seed: seed)
        let ledger = LossLedger(flows: lab.flows, snapshots: lab.snapshots, transit: Self.transit)
        var random = SplitMix64(state: seed ^ 0xabcd)
        for _ in 0..<3 {
            let shuffled = lab.snapshots.shuffled(using: &random).map { snapshot in
                CounterSnapshot(at: snapshot.at, readings: snapshot.readings.shuffled(using: &random))
            }
            let again = LossLedger(flows: lab.flows, snapshots: shuffled, transit: Self.transit)
            #expect(again.causes == ledger.causes)
            #expect(again.totals == ledger.totals)
        }
    }

    @Test("A large lab balances to the packet: 1,000 flows, 1,000 readings")
    func scale() {
        let flows = (0..<1_000).map { index in flow(times(from: second + Int64(index) * 1000, count: 300), site: 10 + index) }
        var snapshots = (0...1_000).map { step in
            CounterSnapshot(at: Int64(step) * 10 * millisecond, values: [Self.noStates: UInt64(step) * 1_000, Self.drops: UInt64(step)])
        }
        // The sites' counters are read at both ends only.
        for site in 10..<1_010 {
            snapshots[0].readings.append(.init(CounterKey(node: site, name: "XfrmOutNoStates"), 0))
            snapshots[1_000].readings.append(.init(CounterKey(node: site, name: "XfrmOutNoStates"), 100))
        }
        let ledger = LossLedger(flows: flows, snapshots: snapshots, transit: Self.transit)
        let explained = ledger.totals.reduce(0) { $0 + $1.allocated }
        let unexplained = ledger.causes.joined().joined().reduce(0) { $0 + ($1.counter == nil ? $1.packets : 0) }
        #expect(explained + unexplained == 1_000 * 300)
        #expect(explained > 250_000)
    }
}

extension CounterSnapshot {
    fileprivate init(at: Int64, values: [CounterKey: UInt64]) {
        self.init(at: at, readings: values.map { CounterReading($0.key, $0.value) })
    }
}
