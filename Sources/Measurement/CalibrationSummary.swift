/// The distribution of a calibration's errors: for each rate, over all trials and for each decade of the outages' durations.
///
/// An error is what was measured less what is true. With the interval T between two probes, and a and b the distances of the last probe before
/// the outage and of the first one after it from the outage's edges, each between 0 and T:
///
///     timestamps   (N + 1) T − d = a + b        from 0 to 2 T, T at its middle
///     frame loss    N T − d      = a + b − T    from −T to T, 0 at its middle
///
/// An outage that falls between two probes is no loss to both methods: the error is −d, from −T to 0.
public struct CalibrationSummary: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable {
        case frameLoss = "frame-loss"
        case timestamp

        /// By how much the method reads too long in the middle of its range, in nanoseconds.
        func bias(_ reading: CalibrationReading, interval: Int64) -> Int64 { self == .timestamp && reading.lost > 0 ? interval : 0 }
    }

    /// The trials of one rate whose outages lie in one range.
    public struct Group: Sendable, Equatable {
        public var rate: Double
        /// Of the intended durations, in nanoseconds; nil for all.
        public var durations: Range<Int64>?
        public var trials: Int
        /// Trials in which the outage fell between two probes.
        public var withoutLoss: Int
        public var unsent: Int
        public var frameLoss: MethodErrors
        public var timestamp: MethodErrors
    }

    /// The distribution of one method's errors, in nanoseconds; of those trials that have a reading.
    public struct MethodErrors: Sendable, Equatable {
        public var minimum: Int64
        public var median: Int64
        /// Rounded half away from zero.
        public var mean: Int64
        public var percentile95: Int64
        public var maximum: Int64
        /// Trials whose error, as it is, is at most one interval and the truth's uncertainty.
        public var withinInterval: Int
        /// Trials whose error, less the method's bias, is at most one interval, the truth's uncertainty and the sending's irregularity.
        public var withinBound: Int
    }

    public var groups: [Group]
    /// The most that any trial's truth may be off.
    public var largestUncertainty: Int64
    /// The most unevenly sent edges of any trial.
    public var largestIrregularity: Int64
    /// Whether every error is within its bound, by both methods.
    public var holds: Bool { groups.allSatisfy { [$0.frameLoss.withinBound, $0.timestamp.withinBound] == [$0.trials, $0.trials] } }

    /// - Parameter rates: those of the plan; each trial has a reading for each.
    public init(_ trials: [CalibrationTrial], rates: [Double]) {
        groups = rates.enumerated().flatMap { index, rate in
            let all = trials.filter { $0.readings.indices.contains(index) }
            return ([nil] + Self.decades(of: all).map(Optional.some)).compactMap { durations in
                Group(all.filter { durations?.contains($0.intended) ?? true }, reading: index, rate: rate, durations: durations)
            }
        }
        largestUncertainty = trials.map(\.uncertainty).max() ?? 0
        largestIrregularity = trials.flatMap { $0.readings.map(\.irregularity) }.max() ?? 0
    }

    /// The decades that have trials, each from a power of ten to below the next.
    private static func decades(of trials: [CalibrationTrial]) -> [Range<Int64>] {
        Set(trials.map { decade($0.intended) }).sorted().map { $0..<$0 * 10 }
    }

    private static func decade(_ duration: Int64) -> Int64 {
        var power: Int64 = 1
        // The last decade of 64 bits has no end.
        while duration / 10 >= power, power < 100_000_000_000_000_000 { power *= 10 }
        return power
    }
}

extension CalibrationSummary.Group {
    /// nil without trials.
    fileprivate init?(_ trials: [CalibrationTrial], reading index: Int, rate: Double, durations: Range<Int64>?) {
        guard !trials.isEmpty else { return nil }
        let interval = Int64((1e9 / rate).rounded())
        self.rate = rate
        self.durations = durations
        self.trials = trials.count
        withoutLoss = trials.count { $0.readings[index].lost == 0 }
        unsent = trials.reduce(0) { $0 + $1.readings[index].unsent }
        func errors(by method: CalibrationSummary.Method) -> CalibrationSummary.MethodErrors {
            .init(trials.map { CalibrationError($0, $0.readings[index], method, interval: interval) })
        }
        frameLoss = errors(by: .frameLoss)
        timestamp = errors(by: .timestamp)
    }
}

/// One trial's error by one method, and what it may be.
private struct CalibrationError {
    /// In nanoseconds; nil where the method has no reading.
    var value: Int64?
    var isWithinInterval: Bool
    var isWithinBound: Bool

    init(_ trial: CalibrationTrial, _ reading: CalibrationReading, _ method: CalibrationSummary.Method, interval: Int64) {
        value = (method == .frameLoss ? reading.frameLoss : reading.timestamp).map { $0 - trial.truth }
        guard let value else {
            (isWithinInterval, isWithinBound) = (false, false)
            return
        }
        let allowed = interval + trial.uncertainty
        isWithinInterval = abs(value) <= allowed
        isWithinBound = abs(value - method.bias(reading, interval: interval)) <= allowed + reading.irregularity
    }
}

extension CalibrationSummary.MethodErrors {
    fileprivate init(_ errors: [CalibrationError]) {
        let values = errors.compactMap(\.value)
        let distribution = Distribution(values)
        minimum = distribution?.minimum ?? 0
        median = distribution?.median ?? 0
        mean = Int64((Double(values.reduce(0, +)) / Double(max(values.count, 1))).rounded())
        percentile95 = distribution?.percentile95 ?? 0
        maximum = distribution?.maximum ?? 0
        withinInterval = errors.count(where: \.isWithinInterval)
        withinBound = errors.count(where: \.isWithinBound)
    }
}
