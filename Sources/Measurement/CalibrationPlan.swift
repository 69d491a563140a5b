import Glibc

/// Which known outages a calibration injects: everything about them is decided here, by the seed.
///
/// Durations are spread evenly over the logarithm of the range, one drawn at random in each of as many equal parts as there are trials. Each
/// outage begins at a random phase of the slowest flow's interval.
public struct CalibrationPlan: Codable, Sendable, Equatable {
    /// One outage to come.
    public struct Outage: Sendable, Equatable {
        /// How long the link is to be down, in nanoseconds.
        public var duration: Int64
        /// Where in an interval of the slowest flow it begins, from 0 to below 1.
        public var phase: Double
    }

    public static let allowedTrials = 1...100_000
    /// Probes per second of a flow.
    public static let allowedRates = 1.0...10_000.0

    public var trials: Int
    /// Probes per second, one flow for each; all of them see the same outages.
    public var rates: [Double]
    /// The range of the outages' durations, in nanoseconds.
    public var shortest: Int64
    public var longest: Int64
    public var seed: UInt64
    /// Bytes of a probe behind its UDP header.
    public var payload: Int

    public init(
        trials: Int, rates: [Double], shortest: Int64 = 1_000_000, longest: Int64 = 10_000_000_000, seed: UInt64, payload: Int = 64
    ) {
        self.trials = trials
        self.rates = rates
        self.shortest = shortest
        self.longest = longest
        self.seed = seed
        self.payload = payload
    }

    /// What is wrong with it, in words: what was found and what is allowed.
    public var mistakes: [String] {
        var mistakes: [String] = []
        if !Self.allowedTrials.contains(trials) {
            mistakes.append("trials: found \(trials); allowed: from \(Self.allowedTrials.lowerBound) to \(Self.allowedTrials.upperBound)")
        }
        if rates.isEmpty { mistakes.append("rate: found none; allowed: one or more") }
        for rate in rates where !Self.allowedRates.contains(rate) {
            mistakes.append(
                "rate: found \(rate); allowed: from \(Int(Self.allowedRates.lowerBound)) to \(Int(Self.allowedRates.upperBound)) "
                    + "probes per second")
        }
        if Set(rates).count < rates.count { mistakes.append("rate: found the same one twice; allowed: each once") }
        if !(1...longest).contains(shortest) {
            mistakes.append("outages: found \(shortest) to \(longest) ns; allowed: from 1 ns, in order")
        }
        return mistakes
    }

    /// The interval of the slowest flow, in nanoseconds.
    public var slowestInterval: Int64 { Int64(1e9 / (rates.min() ?? 1)) }

    /// In the order that they are injected: from the shortest to the longest.
    public var outages: [Outage] {
        var random = CalibrationRandom(state: seed)
        let span = log(Double(longest) / Double(shortest))
        return (0..<trials).map { trial in
            let place = (Double(trial) + Double.random(in: 0..<1, using: &random)) / Double(trials)
            return Outage(
                duration: Int64(Double(shortest) * exp(span * place)), phase: Double.random(in: 0..<1, using: &random))
        }
    }
}

/// A generator with a known sequence (SplitMix64; Steele, Lea, Flood 2014): the same outages on every machine.
private struct CalibrationRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
