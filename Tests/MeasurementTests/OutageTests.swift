import Testing

@testable import Measurement

@Suite struct OutageTests {
    /// The outage of a flow at 10 probes a second, reset at 2 s.
    private func outage(_ parts: (String, Int)..., minimumRun: Int = 1) -> Outage {
        let pattern = parts.map { String(repeating: $0.0, count: $0.1) }.joined()
        return FlowResult(
            connection: "hq", direction: .toGateway, trace: FlowTrace(pattern), rule: OutageRule(reset: 2 * second, minimumRun: minimumRun)
        ).outage
    }

    @Test("No loss is no outage")
    func noLoss() {
        let outage = outage((".", 100))
        #expect(outage.state == .none)
        #expect(outage.disruptions == 0)
        #expect(outage.start == nil && outage.end == nil && outage.recovery == nil)
        #expect((outage.lost, outage.frameLoss, outage.timestamp) == (0, 0, 0))
        #expect(outage.resolution == 100 * millisecond)
    }

    @Test("A burst after the reset is the outage, by both methods")
    func burst() {
        let outage = outage((".", 25), ("x", 12), (".", 60))
        #expect(outage.state == .recovered)
        #expect(outage.disruptions == 1)
        #expect(outage.start == 2500 * millisecond)
        #expect(outage.end == 3600 * millisecond)
        #expect(outage.recovery == 3710 * millisecond)
        #expect(outage.lost == 12)
        #expect(outage.frameLoss == 1200 * millisecond)
        #expect(outage.timestamp == 1300 * millisecond)
        #expect(outage.backgroundLost == 0)
    }

    @Test("Scattered losses stay background where links lose at random")
    func background() {
        let outage = outage(
            (".", 10), ("x", 1), (".", 14), ("x", 12), (".", 60), ("x", 2), (".", 40), ("x", 1), (".", 5), minimumRun: 3)
        #expect(outage.state == .recovered)
        #expect(outage.lost == 12)
        #expect(outage.timestamp == 1300 * millisecond)
        #expect(outage.backgroundLost == 4)
        #expect(outage.minimumRun == 3)
    }

    @Test("Without random loss a single lost probe is an outage")
    func single() {
        let outage = outage((".", 25), ("x", 1), (".", 60))
        #expect(outage.state == .recovered)
        #expect(outage.lost == 1)
    }

    @Test("Losses before the reset are background, whatever their length")
    func beforeReset() {
        let outage = outage((".", 5), ("x", 10), (".", 100))
        #expect(outage.state == .none)
        #expect(outage.backgroundLost == 10)
    }

    @Test("A probe under way at the reset belongs to the outage, an earlier one does not")
    func underWay() {
        var trace = FlowTrace(rate: 10, expectedProbes: 100)
        for sequence in 0..<100 {
            trace.recordSend(sequence: sequence, at: Int64(sequence) * 100 * millisecond)
            guard sequence != 18, sequence != 16 else { continue }
            trace.recordArrival(sequence: sequence, at: Int64(sequence) * 100 * millisecond + 250 * millisecond)
        }
        let result = FlowResult(connection: "hq", direction: .toSite, trace: trace, rule: OutageRule(reset: 2 * second, minimumRun: 1))
        #expect(result.outage.start == 1800 * millisecond)
        #expect((result.outage.lost, result.outage.backgroundLost) == (1, 1))
    }

    @Test("A recovery that does not hold 5 s does not end the disruption; what is lost in between belongs to it")
    func flapping() {
        let outage = outage((".", 25), ("x", 10), (".", 20), ("x", 1), (".", 20), ("x", 10), (".", 60), minimumRun: 3)
        #expect(outage.disruptions == 1)
        #expect(outage.lost == 21)
        #expect(outage.backgroundLost == 0)
        #expect(outage.timestamp == Int64(10 + 20 + 1 + 20 + 10 + 1) * 100 * millisecond)
    }

    @Test("A recovery that holds longer separates two disruptions, and their interruptions add up")
    func separate() {
        let outage = outage((".", 25), ("x", 10), (".", 60), ("x", 5), (".", 60))
        #expect(outage.disruptions == 2)
        #expect(outage.lost == 15)
        #expect(outage.timestamp == Int64(11 + 6) * 100 * millisecond)
        #expect(outage.state == .recovered)
    }

    @Test("At a slow rate recovery must hold for 5 probes", arguments: [(4, 1), (6, 2)])
    func slowRate(between: Int, disruptions: Int) {
        let trace = FlowTrace(FlowTrace.pattern((".", 5), ("x", 3), (".", between), ("x", 3), (".", 9)), rate: 0.5)
        let result = FlowResult(connection: "hq", direction: .toSite, trace: trace, rule: OutageRule(reset: 4 * second, minimumRun: 1))
        #expect(result.outage.disruptions == disruptions)
    }

    @Test(
        "How it ended", arguments: [(50, Outage.State.recovered), (49, .unconfirmed), (1, .unconfirmed), (0, .notRecovered)])
    func ending(arrivals: Int, state: Outage.State) {
        let outage = outage((".", 25), ("x", 10), (".", arrivals))
        #expect(outage.state == state)
        #expect((outage.timestamp == nil) == (arrivals == 0))
        #expect((outage.recovery == nil) == (arrivals == 0))
        #expect(outage.frameLoss == second)
    }

    @Test("A flow that never worked has an outage open at both ends")
    func neverUp() {
        let outage = outage(("x", 100))
        #expect(outage.state == .notRecovered)
        #expect(outage.start == 0)
        #expect(outage.timestamp == nil)
        #expect(outage.lost == 100)
    }

    @Test(
        "Random loss asks for runs so long that a false outage is one rehearsal in a hundred",
        arguments: [(0.0, 100_000, 1), (0.01, 6_000, 3), (0.01, 1_000_000, 4), (0.05, 6_000, 5), (0.001, 100, 2), (1, 50, 50), (0.5, 0, 1)])
    func minimumRun(loss: Double, probes: Int, expected: Int) {
        #expect(OutageRule(reset: 0, backgroundLoss: loss, probes: probes).minimumRun == expected)
    }

    @Test("The outage's causes are its loss periods' together, without the background's")
    func causes() {
        let noStates = CounterKey(node: 2, name: "XfrmInNoStates")
        let drops = CounterKey(node: 0, interface: "s0001", name: "qdisc_drops")
        let result = FlowResult(
            connection: "hq", direction: .toGateway,
            trace: FlowTrace(FlowTrace.pattern((".", 5), ("x", 1), (".", 19), ("x", 4), (".", 9), ("x", 5))),
            rule: OutageRule(reset: 2 * second, minimumRun: 3),
            causes: [
                [LossCause(counter: drops, packets: 1)],
                [LossCause(counter: drops, packets: 1), LossCause(counter: noStates, packets: 3)],
                [LossCause(counter: noStates, packets: 3), LossCause(counter: nil, packets: 2)],
            ])
        #expect(
            result.outage.causes == [
                LossCause(counter: drops, packets: 1), LossCause(counter: noStates, packets: 6), LossCause(counter: nil, packets: 2),
            ])
        #expect(result.lossPeriods[0].causes == [LossCause(counter: drops, packets: 1)])
    }
}
