/// Tells a reset's outage from background loss.
///
/// A run of lost probes belongs to the outage when
/// 1. it was not over before the reset: its last lost probe was sent after the reset, or so shortly before it that it can have been under
///    way then (within the flow's longest one-way delay); and
/// 2. it has at least `minimumRun` losses, or lies within a disruption.
///
/// A disruption begins with such a run and lasts until nothing of the kind happens for the longer of 5 s and 5 probes (RFC 6412, sustained
/// convergence validation time). Shorter runs inside it are a recovery that does not hold yet, and belong to it. All else is background loss.
///
/// `minimumRun` is 1 where no link loses packets at random: whatever is lost after the reset was lost by it. Where links do, runs come about
/// by chance. A run of N or more begins at any of n probes with a probability of less than p^N, so n·p^N bounds the number of false outages
/// to be expected; the least N that keeps it at 1 in 100 over a whole rehearsal is taken. The price is that a real outage of fewer than
/// N probes counts as background loss; a higher probe rate shortens it.
public struct OutageRule: Sendable, Equatable {
    /// When the reset was requested: nanoseconds since the measured part's start.
    public var reset: Int64
    /// How many consecutive losses make an outage, at least 1.
    public var minimumRun: Int

    public init(reset: Int64, minimumRun: Int) {
        self.reset = reset
        self.minimumRun = max(1, minimumRun)
    }

    /// - Parameters:
    ///   - reset: when the reset was requested, in nanoseconds since the measured part's start.
    ///   - backgroundLoss: the probability that the flow's links together lose a packet at random.
    ///   - probes: how many probes all flows of the rehearsal send together.
    public init(reset: Int64, backgroundLoss: Double, probes: Int) {
        self.init(reset: reset, minimumRun: Self.minimumRun(backgroundLoss: backgroundLoss, probes: probes))
    }

    /// The false outages a rehearsal may be expected to show.
    static let falseOutages = 0.01

    static func minimumRun(backgroundLoss: Double, probes: Int) -> Int {
        guard backgroundLoss > 0 else { return 1 }
        var run = 0
        var expected = Double(probes)
        // A link that loses (nearly) all has no outage to find: stop at the number of probes.
        while expected > falseOutages, run < probes {
            expected *= backgroundLoss
            run += 1
        }
        return max(1, run)
    }

    /// How long and for how many probes recovery must hold (RFC 6412): the longer of both.
    static let sustainedTime: Int64 = 5_000_000_000
    static let sustainedProbes = 5

    func sustained(_ trace: FlowTrace) -> Int64 { max(Self.sustainedTime, trace.duration(ofProbes: Self.sustainedProbes)) }

    /// The runs of each disruption, as ranges of indices into `periods`.
    func disruptions(in periods: [LossPeriod], of trace: FlowTrace, transit: Int64) -> [ClosedRange<Int>] {
        let sustained = sustained(trace)
        var found: [ClosedRange<Int>] = []
        for (index, period) in periods.enumerated() where period.lost >= minimumRun && period.end + transit >= reset {
            if let last = found.last, period.start - periods[last.upperBound].end <= sustained {
                found[found.count - 1] = last.lowerBound...index
            } else {
                found.append(index...index)
            }
        }
        return found
    }

    /// The outage of a flow.
    ///
    /// - Parameters:
    ///   - periods: the trace's loss periods, with their causes.
    ///   - transit: the flow's longest one-way delay in nanoseconds.
    public func outage(of trace: FlowTrace, periods: [LossPeriod], transit: Int64) -> Outage {
        let disruptions = disruptions(in: periods, of: trace, transit: transit)
        guard let first = disruptions.first, let last = disruptions.last else {
            return Outage(
                state: .none, parts: [], start: nil, end: nil, recovery: nil, lost: 0, frameLoss: 0, timestamp: 0,
                resolution: trace.interval, minimumRun: minimumRun, backgroundLost: trace.lost, causes: [])
        }
        let inside = disruptions.flatMap { periods[$0] }
        let lost = inside.reduce(0) { $0 + $1.lost }
        let end = periods[last.upperBound]
        let recovered = trace.firstArrived(after: end)

        let state: Outage.State
        if recovered == nil {
            state = .notRecovered
        } else {
            let observed = (trace.lastSendTime ?? end.end) - end.end
            state = observed >= sustained(trace) ? .recovered : .unconfirmed
        }
        return Outage(
            state: state, parts: disruptions.map { part(periods[$0], of: trace) }, start: periods[first.lowerBound].start, end: end.end,
            recovery: recovered.flatMap { trace.arrivalTime(sequence: $0) }, lost: lost, frameLoss: trace.duration(ofProbes: lost),
            timestamp: timestamp(of: disruptions, periods: periods, trace: trace), resolution: trace.interval, minimumRun: minimumRun,
            backgroundLost: trace.lost - lost, causes: LossCause.sum(inside.map(\.causes)))
    }

    private func part(_ periods: ArraySlice<LossPeriod>, of trace: FlowTrace) -> Disruption {
        let (first, last) = (periods[periods.startIndex], periods[periods.endIndex - 1])
        let recovery = trace.firstArrived(after: last).flatMap { trace.arrivalTime(sequence: $0) }
        let held = recovery.map { $0 + sustained(trace) }
        return Disruption(
            start: first.start, end: last.end, lost: periods.reduce(0) { $0 + $1.lost }, recovery: recovery,
            sustained: held.flatMap { held in (trace.lastSendTime ?? 0) - last.end >= sustained(trace) ? held : nil })
    }

    private func timestamp(of disruptions: [ClosedRange<Int>], periods: [LossPeriod], trace: FlowTrace) -> Int64? {
        var sum: Int64 = 0
        for disruption in disruptions {
            let before = trace.lastArrived(before: periods[disruption.lowerBound])
            let after = trace.firstArrived(after: periods[disruption.upperBound])
            guard let interruption = trace.interruption(from: before, to: after) else { return nil }
            sum += interruption
        }
        return sum
    }
}
