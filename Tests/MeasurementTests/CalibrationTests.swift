import Testing

@testable import Measurement

@Suite struct CalibrationPlanTests {
    @Test("Durations are log-spaced over the whole range, one in each part")
    func durations() {
        let plan = CalibrationPlan(trials: 400, rates: [100], seed: 7)
        let outages = plan.outages
        #expect(outages.count == 400)
        #expect(outages.map(\.duration) == outages.map(\.duration).sorted())
        #expect(outages.allSatisfy { (1_000_000..<10_000_000_000).contains($0.duration) && (0..<1).contains($0.phase) })
        for decade in [1_000_000, 10_000_000, 100_000_000, 1_000_000_000] as [Int64] {
            // The last one of a decade is below its end by rounding at most.
            #expect((99...101).contains(outages.count { ($0.duration / decade) >= 1 && ($0.duration / decade) < 10 }))
        }
        // Phases do not follow the durations: each tenth of an interval is met.
        #expect(Set(outages.map { Int($0.phase * 10) }).count == 10)
    }

    @Test("The seed decides everything")
    func seed() {
        #expect(CalibrationPlan(trials: 9, rates: [10], seed: 1).outages == CalibrationPlan(trials: 9, rates: [99], seed: 1).outages)
        #expect(CalibrationPlan(trials: 9, rates: [10], seed: 1).outages != CalibrationPlan(trials: 9, rates: [10], seed: 2).outages)
    }

    @Test(
        "What cannot be is told with what is allowed",
        arguments: [
            (CalibrationPlan(trials: 0, rates: [1], seed: 1), "trials: found 0; allowed: from 1 to 100000"),
            (CalibrationPlan(trials: 100_001, rates: [1], seed: 1), "trials: found 100001; allowed: from 1 to 100000"),
            (CalibrationPlan(trials: 1, rates: [], seed: 1), "rate: found none; allowed: one or more"),
            (CalibrationPlan(trials: 1, rates: [0.5], seed: 1), "rate: found 0.5; allowed: from 1 to 10000 probes per second"),
            (CalibrationPlan(trials: 1, rates: [.nan], seed: 1), "rate: found nan; allowed: from 1 to 10000 probes per second"),
            (CalibrationPlan(trials: 1, rates: [5, 5], seed: 1), "rate: found the same one twice; allowed: each once"),
            (
                CalibrationPlan(trials: 1, rates: [5], shortest: 9, longest: 8, seed: 1),
                "outages: found 9 to 8 ns; allowed: from 1 ns, in order"
            ),
        ])
    func mistakes(plan: CalibrationPlan, mistake: String) { #expect(plan.mistakes == [mistake]) }

    @Test func noMistake() { #expect(CalibrationPlan(trials: 1, rates: [1, 10_000], seed: 1).mistakes == []) }
}

@Suite struct CalibrationTests {
    private static let interval: Int64 = 10_000_000
    private static let transit: Int64 = 30_000

    /// A flow of 100 probes a second from 0 on, to some intervals after the outage, exactly on schedule but for the delays given.
    private static func trace(down: Int64, up: Int64, late: [Int: Int64] = [:], unsent: Set<Int> = []) -> FlowTrace {
        var trace = FlowTrace(rate: 100, expectedProbes: 16)
        for sequence in 0...Int(up / interval) + 4 {
            guard !unsent.contains(sequence) else {
                trace.recordUnsent(sequence: sequence)
                continue
            }
            let sent = Int64(sequence) * interval + (late[sequence] ?? 0)
            trace.recordSend(sequence: sequence, at: sent)
            if sent < down || sent >= up { trace.recordArrival(sequence: sequence, at: sent + transit) }
        }
        return trace
    }

    private static func trial(down: Int64, up: Int64, request: Int64 = 0, late: [Int: Int64] = [:], unsent: Set<Int> = [])
        -> CalibrationTrial
    {
        CalibrationTrial(
            intended: up - down,
            known: KnownOutage(
                downBefore: down - request / 2, downAfter: down + request / 2, upBefore: up - request / 2, upAfter: up + request / 2),
            readings: [CalibrationReading(trace(down: down, up: up, late: late, unsent: unsent), of: down...up)])
    }

    @Test("The truth lies between the readings around both requests")
    func truth() {
        let known = KnownOutage(downBefore: 100, downAfter: 110, upBefore: 1_000, upAfter: 1_025)
        #expect(known.duration == 907)
        #expect(known.uncertainty == 18)
        // The extremes of what may have been.
        #expect(known.duration + known.uncertainty >= 1_025 - 100)
        #expect(known.duration - known.uncertainty <= 1_000 - 110)
    }

    @Test("N losses read N/r and (N + 1)/r")
    func readings() {
        let reading = CalibrationReading(Self.trace(down: 35_000_000, up: 62_000_000), of: 35_000_000...62_000_000)
        #expect(reading.lost == 3)
        #expect(reading.lossPeriods == 1)
        #expect(reading.frameLoss == 30_000_000)
        #expect(reading.timestamp == 40_000_000)
        #expect(reading.irregularity == 0)
    }

    @Test("Between two probes is no loss, and counts with its whole length")
    func noLoss() throws {
        let summary = CalibrationSummary([Self.trial(down: 31_000_000, up: 39_500_000)], rates: [100])
        let all = try #require(summary.groups.first)
        #expect(all.withoutLoss == 1)
        #expect(all.frameLoss.minimum == -8_500_000 && all.frameLoss.maximum == -8_500_000)
        #expect(all.timestamp.mean == -8_500_000)
        #expect(summary.holds)
    }

    @Test("Whatever the phase and the length, both methods are within their bounds, and read as long as they should on average")
    func everyPhase() throws {
        var random = SplitMix64(state: 3)
        let trials = (0..<2_000).map { _ in
            let down = 40_000_000 + Int64.random(in: 0..<Self.interval, using: &random)
            return Self.trial(down: down, up: down + Int64.random(in: 1_000_000..<300_000_000, using: &random))
        }
        let summary = CalibrationSummary(trials, rates: [100])
        #expect(summary.holds)
        let long = try #require(summary.groups.first { $0.durations == 100_000_000..<1_000_000_000 })
        #expect(long.withoutLoss == 0)
        // The mean of so many is within a tenth of an interval.
        #expect(abs(long.frameLoss.mean) < Self.interval / 10)
        #expect(abs(long.timestamp.mean - Self.interval) < Self.interval / 10)
        #expect(long.frameLoss.withinInterval == long.trials)
        // Half of the triangle between 0 and 2 T.
        #expect((2...3).contains(5 * long.timestamp.withinInterval / long.trials))
        #expect(long.timestamp.minimum >= 0 && long.timestamp.maximum <= 2 * Self.interval)
    }

    @Test("Groups: all outages, then each decade that has some, by rate")
    func groups() {
        let trials = [5_000_000, 50_000_000, 60_000_000].map { Self.trial(down: 41_000_000, up: 41_000_000 + $0) }
        let groups = CalibrationSummary(trials, rates: [100]).groups
        #expect(groups.map(\.durations) == [nil, 1_000_000..<10_000_000, 10_000_000..<100_000_000])
        #expect(groups.map(\.trials) == [3, 1, 2])
    }

    @Test("A measurement that is off is told, and is not excused")
    func outside() throws {
        var trial = Self.trial(down: 35_000_000, up: 62_000_000)
        trial.readings[0].frameLoss += 2 * Self.interval
        var summary = CalibrationSummary([trial], rates: [100])
        #expect(!summary.holds)
        #expect(summary.groups.map(\.frameLoss.withinBound) == [0, 0])
        #expect(summary.groups.map(\.timestamp.withinBound) == [1, 1])
        // No probe arrived on one side of it.
        trial = Self.trial(down: 35_000_000, up: 62_000_000)
        trial.readings[0].timestamp = nil
        summary = CalibrationSummary([trial], rates: [100])
        #expect(!summary.holds)
        // Probes that the sender had no time for make the outage look shorter.
        summary = CalibrationSummary([Self.trial(down: 35_000_000, up: 92_000_000, unsent: [4, 5, 6])], rates: [100])
        #expect(!summary.holds)
        #expect(summary.groups[0].unsent == 3)
    }

    @Test("The truth's uncertainty and uneven sending at the edges are allowed for, no more")
    func allowances() {
        // All but one interval longer than measured: two probes lost in 29.9 ms.
        let exact = Self.trial(down: 30_050_000, up: 60_000_000)
        #expect(exact.readings[0].lost == 2 && CalibrationSummary([exact], rates: [100]).holds)
        let late = Self.trial(down: 30_050_000, up: 60_400_000, late: [6: 500_000])
        #expect(late.readings[0].irregularity == 500_000)
        #expect(late.readings[0].lost == 2 && CalibrationSummary([late], rates: [100]).holds)
        var evenly = late
        evenly.readings[0].irregularity = 0
        #expect(!CalibrationSummary([evenly], rates: [100]).holds)
        evenly.uncertainty = 400_000
        #expect(CalibrationSummary([evenly], rates: [100]).holds)
        // Unevenness in the middle of an outage says nothing about its edges.
        #expect(Self.trial(down: 31_000_000, up: 95_000_000, late: [6: 700_000]).readings[0].irregularity == 0)
    }
}
