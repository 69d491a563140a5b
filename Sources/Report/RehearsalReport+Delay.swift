import Measurement

extension RehearsalReport {
    /// One-way delay (RFC 7679), or the time from a request to its answer.
    public struct Delay: Codable, Sendable, Equatable {
        public var minimum: Milliseconds
        public var median: Milliseconds
        public var percentile95: Milliseconds
        public var maximum: Milliseconds

        enum CodingKeys: String, CodingKey {
            case minimum = "min_ms"
            case median = "median_ms"
            case percentile95 = "p95_ms"
            case maximum = "max_ms"
        }

        init(_ delay: Distribution) {
            minimum = Milliseconds(nanoseconds: delay.minimum)
            median = Milliseconds(nanoseconds: delay.median)
            percentile95 = Milliseconds(nanoseconds: delay.percentile95)
            maximum = Milliseconds(nanoseconds: delay.maximum)
        }
    }

    /// The delay of probes by when they were sent. A part in which none arrived is absent.
    public struct DelayByPhase: Codable, Sendable, Equatable {
        public var before: Delay?
        public var during: Delay?
        public var after: Delay?

        public init(before: Delay?, during: Delay?, after: Delay?) {
            self.before = before
            self.during = during
            self.after = after
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

        public init(binWidth: Seconds, median: [Milliseconds?], maximum: [Milliseconds?]) {
            self.binWidth = binWidth
            self.median = median
            self.maximum = maximum
        }
    }
}
