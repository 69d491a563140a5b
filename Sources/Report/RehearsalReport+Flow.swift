import Measurement

extension RehearsalReport {
    /// One direction of one connection.
    public struct Flow: Codable, Sendable, Equatable {
        public struct LossPeriod: Codable, Sendable, Equatable {
            public var start: Seconds
            public var end: Seconds
            public var lost: Int
            public var frameLoss: Milliseconds
            /// Absent where the period is open: it began with the flow or lasted to its end.
            public var timestamp: Milliseconds?
            /// Lost packets by what counted them.
            public var causes: [String: Int]

            enum CodingKeys: String, CodingKey {
                case start = "start_s"
                case end = "end_s"
                case lost
                case frameLoss = "frameLoss_ms"
                case timestamp = "timestamp_ms"
                case causes
            }

            init(_ period: Measurement.LossPeriod, names: CounterNames) {
                start = Seconds(nanoseconds: period.start)
                end = Seconds(nanoseconds: period.end)
                lost = period.lost
                frameLoss = Milliseconds(nanoseconds: period.frameLoss)
                timestamp = period.timestamp.map { Milliseconds(nanoseconds: $0) }
                causes = names.packets(by: period.causes)
            }
        }

        public struct Outage: Codable, Sendable, Equatable {
            public var state: Measurement.Outage.State
            public var disruptions: Int
            public var start: Seconds?
            public var end: Seconds?
            public var recovery: Seconds?
            public var lost: Int
            public var frameLoss: Milliseconds
            public var timestamp: Milliseconds?
            /// Of both methods, plus or minus.
            public var resolution: Milliseconds
            public var minimumRun: Int
            public var backgroundLost: Int
            public var causes: [String: Int]

            enum CodingKeys: String, CodingKey {
                case state, disruptions
                case start = "start_s"
                case end = "end_s"
                case recovery = "recovery_s"
                case lost
                case frameLoss = "frameLoss_ms"
                case timestamp = "timestamp_ms"
                case resolution = "resolution_ms"
                case minimumRun, backgroundLost, causes
            }

            init(_ outage: Measurement.Outage, names: CounterNames) {
                state = outage.state
                disruptions = outage.disruptions
                start = outage.start.map { Seconds(nanoseconds: $0) }
                end = outage.end.map { Seconds(nanoseconds: $0) }
                recovery = outage.recovery.map { Seconds(nanoseconds: $0) }
                lost = outage.lost
                frameLoss = Milliseconds(nanoseconds: outage.frameLoss)
                timestamp = outage.timestamp.map { Milliseconds(nanoseconds: $0) }
                resolution = Milliseconds(nanoseconds: outage.resolution)
                minimumRun = outage.minimumRun
                backgroundLost = outage.backgroundLost
                causes = names.packets(by: outage.causes)
            }
        }

        public var connection: String
        public var direction: FlowDirection
        /// Offered probes per second.
        public var rate: Double
        public var sent: Int
        public var unsent: Int
        public var received: Int
        public var lost: Int
        public var duplicates: Int
        public var reordered: Int
        public var lossPeriods: [LossPeriod]
        public var outage: Outage
        /// One-way, of all probes that arrived; absent when none did.
        public var delay: Delay?
        /// The same apart for the probes sent before, during and after the outage; absent without an outage.
        public var delayByPhase: DelayByPhase?
        /// The same over time; absent when nothing arrived.
        public var delaySeries: DelaySeries?
        /// What each disruption consisted of, in order.
        public var breakdowns: [Breakdown]

        enum CodingKeys: String, CodingKey {
            case connection, direction
            case rate = "rate_pps"
            case sent, unsent, received, lost, duplicates, reordered, lossPeriods, outage, delay, delayByPhase, delaySeries, breakdowns
        }

        init(_ flow: FlowResult, breakdowns: [Breakdown], names: CounterNames) {
            self.breakdowns = breakdowns
            connection = flow.connection
            direction = flow.direction
            rate = flow.rate
            sent = flow.sent
            unsent = flow.unsent
            received = flow.received
            lost = flow.lost
            duplicates = flow.duplicates
            reordered = flow.reordered
            lossPeriods = flow.lossPeriods.map { LossPeriod($0, names: names) }
            outage = Outage(flow.outage, names: names)
            delay = flow.delay.all.map { Delay($0) }
            delayByPhase = DelayByPhase(flow.delay)
            delaySeries = flow.delay.series.map { DelaySeries($0) }
        }
    }
}
