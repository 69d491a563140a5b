import Measurement

extension RehearsalReport {
    /// One-way delay (RFC 7679): exact order statistics by nearest rank.
    public struct Delay: Codable, Sendable, Equatable {
        /// Of how many probes.
        public var count: Int
        public var minimum: Milliseconds
        public var median: Milliseconds
        public var percentile95: Milliseconds
        public var percentile99: Milliseconds
        /// The 99.9th.
        public var percentile999: Milliseconds
        public var maximum: Milliseconds

        enum CodingKeys: String, CodingKey {
            case count
            case minimum = "min_ms"
            case median = "median_ms"
            case percentile95 = "p95_ms"
            case percentile99 = "p99_ms"
            case percentile999 = "p99.9_ms"
            case maximum = "max_ms"
        }

        init(_ delay: Distribution) {
            count = delay.count
            minimum = Milliseconds(nanoseconds: delay.minimum)
            median = Milliseconds(nanoseconds: delay.median)
            percentile95 = Milliseconds(nanoseconds: delay.percentile95)
            percentile99 = Milliseconds(nanoseconds: delay.percentile99)
            percentile999 = Milliseconds(nanoseconds: delay.percentile999)
            maximum = Milliseconds(nanoseconds: delay.maximum)
        }
    }

    /// The delay of probes by when they were sent. A part in which none arrived is absent.
    public struct DelayByPhase: Codable, Sendable, Equatable {
        public var before: Delay?
        public var during: Delay?
        public var after: Delay?

        /// nil without any.
        init?(_ delay: FlowDelay) {
            guard delay.before != nil || delay.during != nil || delay.after != nil else { return nil }
            before = delay.before.map { Delay($0) }
            during = delay.during.map { Delay($0) }
            after = delay.after.map { Delay($0) }
        }
    }

    /// The delay over time: bins of equal width from the measured part's start on, by when the probes were sent.
    public struct DelaySeries: Codable, Sendable, Equatable {
        public var binWidth: Seconds
        /// A bin's value is null where no probe of it arrived.
        public var median: [Milliseconds?]
        public var maximum: [Milliseconds?]

        enum CodingKeys: String, CodingKey {
            case binWidth = "binWidth_s"
            case median = "median_ms"
            case maximum = "max_ms"
        }

        init(_ series: FlowDelay.Series) {
            binWidth = Seconds(nanoseconds: series.binWidth)
            median = series.median.map { $0.map { Milliseconds(nanoseconds: $0) } }
            maximum = series.maximum.map { $0.map { Milliseconds(nanoseconds: $0) } }
        }
    }
}
