import LabPlan
import Measurement

extension RehearsalReport {
    /// What the applications on one connection went through.
    public struct Application: Codable, Sendable, Equatable {
        /// A time in which nothing came although something was due.
        public struct Stall: Codable, Sendable, Equatable {
            public var start: Seconds
            /// Absent where nothing came any more.
            public var end: Seconds?
            public var length: Milliseconds

            enum CodingKeys: String, CodingKey {
                case start = "start_s"
                case end = "end_s"
                case length = "length_ms"
            }

            init(_ stall: Measurement.Stall, duration: Int64) {
                start = Seconds(nanoseconds: stall.start)
                end = stall.end.map { Seconds(nanoseconds: $0) }
                length = Milliseconds(nanoseconds: stall.length(until: duration))
            }
        }

        /// The end of a TCP connection, or a failure to connect.
        public struct Break: Codable, Sendable, Equatable {
            public var at: Seconds
            public var times: Int
            public var reason: String

            enum CodingKeys: String, CodingKey {
                case at = "at_s"
                case times, reason
            }

            init(_ broken: ApplicationResult.Break) {
                at = Seconds(nanoseconds: broken.at)
                times = broken.times
                reason = broken.reason
            }
        }

        /// One direction of the TCP connection that stays open.
        public struct Messages: Codable, Sendable, Equatable {
            public var direction: FlowDirection
            public var due: Int
            public var delivered: Int
            public var lost: Int
            public var unsent: Int
            public var retransmissions: Int
            public var stalls: [Stall]
            public var delay: Delay?

            init(_ flow: ApplicationResult.MessageFlow, duration: Int64) {
                direction = flow.direction
                due = flow.due
                delivered = flow.delivered
                lost = flow.lost
                unsent = flow.unsent
                retransmissions = flow.retransmissions
                stalls = flow.stalls.map { Stall($0, duration: duration) }
                delay = flow.delay.map { Delay($0) }
            }

            public var longestStall: Stall? { stalls.longest }
        }

        public struct Requests: Codable, Sendable, Equatable {
            public var answered: Int
            public var failed: Int
            public var open: Int
            public var retransmissions: Int
            public var breaks: [Break]
            public var stalls: [Stall]
            /// Of those due before the first step disrupted something, and from then on; absent where none was answered.
            public var latencyBefore: Delay?
            public var latencyAfter: Delay?

            init(_ requests: ApplicationResult.Requests, duration: Int64) {
                answered = requests.answered
                failed = requests.failed
                open = requests.open
                retransmissions = requests.retransmissions
                breaks = requests.breaks.map { Break($0) }
                stalls = requests.stalls.map { Stall($0, duration: duration) }
                latencyBefore = requests.before.map { Delay($0) }
                latencyAfter = requests.after.map { Delay($0) }
            }

            public var longestStall: Stall? { stalls.longest }
        }

        public var connection: String
        public var messages: [Messages]
        /// Of the messages' connection.
        public var breaks: [Break]
        public var requests: Requests

        init(_ result: ApplicationResult, duration: Int64) {
            connection = result.connection
            messages = result.messages.map { Messages($0, duration: duration) }
            breaks = result.breaks.map { Break($0) }
            requests = Requests(result.requests, duration: duration)
        }

        /// Of anything.
        var longestStall: Int64 {
            (messages.flatMap(\.stalls) + requests.stalls).map(\.length.nanoseconds).max() ?? 0
        }
    }

    /// What applications did, where they ran.
    public struct ApplicationSettings: Codable, Sendable, Equatable {
        public var messageRate: Double
        public var messageSize: Int
        public var requestRate: Double
        public var requestSize: Int
        public var answerSize: Int
        public var requestTimeout: Seconds
        /// Absent for the system's patience.
        public var userTimeout: Seconds?

        enum CodingKeys: String, CodingKey {
            case messageRate = "messageRate_pps"
            case messageSize = "messageSize_bytes"
            case requestRate = "requestRate_pps"
            case requestSize = "requestSize_bytes"
            case answerSize = "answerSize_bytes"
            case requestTimeout = "requestTimeout_s"
            case userTimeout = "userTimeout_s"
        }

        init(_ plan: ApplicationPlan) {
            messageRate = plan.messageRate
            messageSize = plan.messageSize
            requestRate = plan.requestRate
            requestSize = plan.requestSize
            answerSize = plan.answerSize
            requestTimeout = Seconds(plan.requestTimeout)
            userTimeout = plan.userTimeout.map { Seconds($0) }
        }
    }

    /// All where they are no more than that, otherwise those with the longest stalls; equal ones stay in the report's order.
    func mostStalled(_ most: Int) -> [Application] {
        let all = applications ?? []
        return all.count <= most ? all : Array(mostStalledFirst.prefix(most))
    }

    private var mostStalledFirst: [Application] {
        (applications ?? []).enumerated().sorted {
            ($1.element.longestStall, $0.offset) < ($0.element.longestStall, $1.offset)
        }.map(\.element)
    }
}

extension [RehearsalReport.Application.Stall] {
    fileprivate var longest: Element? { self.max { ($0.length, $1.start) < ($1.length, $0.start) } }
}
