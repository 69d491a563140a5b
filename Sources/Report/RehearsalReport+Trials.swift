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

            /// nil for no values.
            init?(_ values: [Milliseconds]) {
                guard let distribution = Distribution(values.map(\.nanoseconds)) else { return nil }
                let count = Int64(values.count)
                minimum = Milliseconds(nanoseconds: distribution.minimum)
                median = Milliseconds(nanoseconds: distribution.median)
                mean = Milliseconds(nanoseconds: (values.reduce(0) { $0 + $1.nanoseconds } + count / 2) / count)
                percentile95 = Milliseconds(nanoseconds: distribution.percentile95)
                maximum = Milliseconds(nanoseconds: distribution.maximum)
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

            /// nil without trials.
            init?(_ flows: [RehearsalReport.Flow]) {
                guard let first = flows.first, let summary = Summary(flows.map(\.outage.frameLoss)) else { return nil }
                (connection, direction) = (first.connection, first.direction)
                frameLoss = flows.map(\.outage.frameLoss)
                timestamp = flows.map { $0.outage.state == .notRecovered ? nil : $0.outage.timestamp }
                backgroundLost = flows.map(\.outage.backgroundLost)
                frameLossSummary = summary
                timestampSummary = Summary(timestamp.compactMap(\.self))
            }
        }

        public var seeds: [UInt64]
        /// Of each trial: whether every expectation held.
        public var verdicts: [Verdict]
        /// In the report's order of flows.
        public var flows: [Flow]

        /// - Parameter reports: of the same rehearsal, in the order of their seeds.
        init(_ reports: [RehearsalReport]) {
            seeds = reports.map(\.seed)
            verdicts = reports.map(\.verdict)
            flows = (reports.first?.flows ?? []).indices.compactMap { index in
                Flow(reports.compactMap { $0.flows.indices.contains(index) ? $0.flows[index] : nil })
            }
        }
    }

    /// Several rehearsals as one report: the first one's, with the statistics of all, and expectations that hold only when they held in each.
    ///
    /// - Parameter reports: of the same rehearsal, in the order of their seeds; at least one.
    public init?(trials reports: [RehearsalReport]) {
        guard let first = reports.first else { return nil }
        self = first
        guard reports.count > 1 else { return }
        trials = Trials(reports)
        expectations = Expectation.merged(reports)
        verdict = expectations.allSatisfy(\.holds) ? .passed : .failed
        characterization = characterize()
    }
}

extension Expectation {
    /// By their texts, in the order in which they come up: one that only some trials tell of (a step that was not carried out) is told with
    /// those.
    fileprivate static func merged(_ reports: [RehearsalReport]) -> [Expectation] {
        var texts: [String] = []
        for expectation in reports.flatMap(\.expectations) where !texts.contains(expectation.text) { texts.append(expectation.text) }
        return texts.map { text in
            let told = reports.compactMap { report in report.expectations.first { $0.text == text }.map { (report.seed, $0) } }
            let failed = told.filter { !$0.1.holds }
            guard let (seed, failure) = failed.first else {
                return Expectation(
                    text: text, holds: true, found: "in all \(reports.count) trials; in the first: \(told.first?.1.found ?? "")")
            }
            return Expectation(
                text: text, holds: false, found: "not in \(failed.count) of \(reports.count) trials; with seed \(seed): \(failure.found)")
        }
    }
}
