import Measurement

extension RehearsalReport {
    /// Several rehearsals that differ in their seeds alone (RFC 6201 §1.4: number of trials). All else in the report is the first one's.
    public struct Trials: Codable, Sendable, Equatable {
        /// The statistics of one quantity over all trials, by nearest rank; the mean is rounded to the nearest nanosecond.
        public struct Summary: Codable, Sendable, Equatable {
            public var minimum: Milliseconds
            public var median: Milliseconds
            public var mean: Milliseconds
            public var percentile95: Milliseconds
            public var maximum: Milliseconds

            enum CodingKeys: String, CodingKey {
                case minimum = "min_ms"
                case median = "median_ms"
                case mean = "mean_ms"
                case percentile95 = "p95_ms"
                case maximum = "max_ms"
            }

            public init(
                minimum: Milliseconds, median: Milliseconds, mean: Milliseconds, percentile95: Milliseconds, maximum: Milliseconds
            ) {
                self.minimum = minimum
                self.median = median
                self.mean = mean
                self.percentile95 = percentile95
                self.maximum = maximum
            }
        }

        public struct Flow: Codable, Sendable, Equatable {
            public var connection: String
            public var direction: FlowDirection
            /// The outage by the frame-loss method, trial by trial; 0 is "no loss".
            public var frameLoss: [Milliseconds]
            /// The same by the timestamp method; null where it was not over.
            public var timestamp: [Milliseconds?]
            /// Lost probes outside the outage.
            public var backgroundLost: [Int]
            public var frameLossSummary: Summary
            /// Over the trials that have a value; absent when none has.
            public var timestampSummary: Summary?

            enum CodingKeys: String, CodingKey {
                case connection, direction
                case frameLoss = "frameLoss_ms"
                case timestamp = "timestamp_ms"
                case backgroundLost, frameLossSummary, timestampSummary
            }

            public init(
                connection: String, direction: FlowDirection, frameLoss: [Milliseconds], timestamp: [Milliseconds?], backgroundLost: [Int],
                frameLossSummary: Summary, timestampSummary: Summary?
            ) {
                self.connection = connection
                self.direction = direction
                self.frameLoss = frameLoss
                self.timestamp = timestamp
                self.backgroundLost = backgroundLost
                self.frameLossSummary = frameLossSummary
                self.timestampSummary = timestampSummary
            }
        }

        public var seeds: [UInt64]
        /// Of each trial: whether every expectation held.
        public var verdicts: [Verdict]
        /// In the report's order of flows.
        public var flows: [Flow]

        public init(seeds: [UInt64], verdicts: [Verdict], flows: [Flow]) {
            self.seeds = seeds
            self.verdicts = verdicts
            self.flows = flows
        }
    }
}
