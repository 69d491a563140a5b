/// What the applications on one connection went through. All times are nanoseconds, instants since the measured part's start.
public struct ApplicationResult: Codable, Sendable, Equatable {
    /// The end of a TCP connection that was meant to stay, or a failure to connect.
    public struct Break: Codable, Sendable, Equatable {
        /// The first time, where it happened several times in a row.
        public var at: Int64
        public var times: Int
        /// `ETIMEDOUT`, `connecting: ENETUNREACH`; `given up` where the application's own patience ended.
        public var reason: String

        public init(at: Int64, times: Int = 1, reason: String) {
            self.at = at
            self.times = times
            self.reason = reason
        }
    }

    /// One direction of a TCP connection over which messages are sent at a steady rate.
    public struct MessageFlow: Codable, Sendable, Equatable {
        public var direction: FlowDirection
        /// Messages that were due, that the other end has read whole, and that died with their connection; there may be some that were still
        /// under way at the end.
        public var due: Int
        public var delivered: Int
        public var lost: Int
        /// Messages that were due when there was no connection.
        public var unsent: Int
        /// Segments that the sending end's TCP sent again.
        public var retransmissions: Int
        public var stalls: [Stall]
        /// From when a message was due until it was read.
        public var delay: Distribution?

        public init(
            direction: FlowDirection, due: Int, delivered: Int, lost: Int, unsent: Int, retransmissions: Int, stalls: [Stall],
            delay: Distribution?
        ) {
            self.direction = direction
            self.due = due
            self.delivered = delivered
            self.lost = lost
            self.unsent = unsent
            self.retransmissions = retransmissions
            self.stalls = stalls
            self.delay = delay
        }
    }

    /// Requests that the site's side sends, each when the one before was answered or given up.
    public struct Requests: Codable, Sendable, Equatable {
        public var answered: Int
        public var failed: Int
        /// Neither answered nor given up when the measurement ended.
        public var open: Int
        public var retransmissions: Int
        public var breaks: [Break]
        /// Without an answer.
        public var stalls: [Stall]
        /// From when a request was due until it was answered, so that one that had to wait for others counts in full: of those due before the
        /// first step disrupted something, and from then on.
        public var before: Distribution?
        public var after: Distribution?

        public init(
            answered: Int, failed: Int, open: Int, retransmissions: Int, breaks: [Break], stalls: [Stall], before: Distribution?,
            after: Distribution?
        ) {
            self.answered = answered
            self.failed = failed
            self.open = open
            self.retransmissions = retransmissions
            self.breaks = breaks
            self.stalls = stalls
            self.before = before
            self.after = after
        }
    }

    public var connection: String
    /// Towards the gateway, then towards the site.
    public var messages: [MessageFlow]
    /// Ends of the messages' TCP connection, at either end.
    public var breaks: [Break]
    public var requests: Requests

    public init(connection: String, messages: [MessageFlow], breaks: [Break], requests: Requests) {
        self.connection = connection
        self.messages = messages
        self.breaks = breaks
        self.requests = requests
    }
}
