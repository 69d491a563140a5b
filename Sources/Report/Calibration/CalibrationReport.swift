import AgentProtocol
import Measurement

/// How far measured outages are from known ones. Times are exact decimals in the unit of the key's suffix.
public struct CalibrationReport: Codable, Sendable, Equatable {
    public static let schemaIdentifier = "resetlab.calibration/1"

    /// What was injected.
    public struct Injected: Codable, Sendable, Equatable {
        public var trials: Int
        public var shortest: Milliseconds
        public var longest: Milliseconds
        /// How the link was taken down.
        public var means: CalibrationResult.Means
        /// The most that any outage's true duration may be off.
        public var uncertainty: Milliseconds
        /// The greatest unevenness of the probes sent around any outage's edge.
        public var irregularity: Milliseconds

        enum CodingKeys: String, CodingKey {
            case trials, means
            case shortest = "shortest_ms"
            case longest = "longest_ms"
            case uncertainty = "uncertainty_ms"
            case irregularity = "irregularity_ms"
        }
    }

    /// The errors of both methods at one rate, over all outages or those of one decade.
    public struct Group: Codable, Sendable, Equatable {
        public var rate: Double
        public var interval: Milliseconds
        /// The decade, its end not included; absent for all.
        public var from: Milliseconds?
        public var to: Milliseconds?
        public var trials: Int
        /// Trials whose outage fell between two probes.
        public var withoutLoss: Int
        public var unsent: Int
        public var frameLoss: Errors
        public var timestamp: Errors

        enum CodingKeys: String, CodingKey {
            case trials, withoutLoss, unsent, frameLoss, timestamp
            case rate = "rate_pps"
            case interval = "interval_ms"
            case from = "from_ms"
            case to = "to_ms"
        }
    }

    /// What was measured less what is true.
    public struct Errors: Codable, Sendable, Equatable {
        public var minimum: Milliseconds
        public var median: Milliseconds
        public var mean: Milliseconds
        public var percentile95: Milliseconds
        public var maximum: Milliseconds
        /// Trials within one interval of the truth.
        public var withinInterval: Int
        /// Trials within one interval of the truth, the method's bias taken off.
        public var withinBound: Int

        enum CodingKeys: String, CodingKey {
            case withinInterval, withinBound
            case minimum = "min_ms"
            case median = "median_ms"
            case mean = "mean_ms"
            case percentile95 = "p95_ms"
            case maximum = "max_ms"
        }
    }

    public var schema: String
    public var version: String
    public var backend: RehearsalReport.Backend
    public var clock: RehearsalReport.Clock
    public var seed: UInt64
    public var kernel: String
    public var injected: Injected
    /// By rate; all outages first, then decade by decade.
    public var groups: [Group]
    public var verdict: RehearsalReport.Verdict

    public init(
        result: CalibrationResult, plan: CalibrationPlan, version: String, backend: RehearsalReport.Backend, clock: RehearsalReport.Clock
    ) {
        let summary = CalibrationSummary(result.trials, rates: plan.rates)
        schema = Self.schemaIdentifier
        self.version = version
        self.backend = backend
        self.clock = clock
        seed = plan.seed
        kernel = result.kernelRelease
        injected = Injected(
            trials: result.trials.count, shortest: Milliseconds(nanoseconds: plan.shortest),
            longest: Milliseconds(nanoseconds: plan.longest), means: result.means,
            uncertainty: Milliseconds(nanoseconds: summary.largestUncertainty),
            irregularity: Milliseconds(nanoseconds: summary.largestIrregularity))
        groups = summary.groups.map(Group.init)
        verdict = summary.holds && result.trials.count == plan.trials ? .passed : .failed
    }

    /// As JSON text: sorted keys, exact decimals, a newline at the end. Equal reports give equal bytes.
    public func json() throws -> String { try JSONText.of(self) }
}

extension CalibrationReport.Group {
    init(_ group: CalibrationSummary.Group) {
        rate = group.rate
        interval = Milliseconds(nanoseconds: Int64((1e9 / group.rate).rounded()))
        from = (group.durations?.lowerBound).map(Milliseconds.init(nanoseconds:))
        to = (group.durations?.upperBound).map(Milliseconds.init(nanoseconds:))
        trials = group.trials
        withoutLoss = group.withoutLoss
        unsent = group.unsent
        frameLoss = CalibrationReport.Errors(group.frameLoss)
        timestamp = CalibrationReport.Errors(group.timestamp)
    }
}

extension CalibrationReport.Errors {
    init(_ errors: CalibrationSummary.MethodErrors) {
        minimum = Milliseconds(nanoseconds: errors.minimum)
        median = Milliseconds(nanoseconds: errors.median)
        mean = Milliseconds(nanoseconds: errors.mean)
        percentile95 = Milliseconds(nanoseconds: errors.percentile95)
        maximum = Milliseconds(nanoseconds: errors.maximum)
        withinInterval = errors.withinInterval
        withinBound = errors.withinBound
    }
}
