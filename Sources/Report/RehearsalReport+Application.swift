extension RehearsalReport {
    /// What an application saw of the outage: its own is longer than the network's.
    public struct Application: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable {
            /// A TCP connection from the site to the gateway's side that is written to all the time.
            case stream = "tcp-stream"
            /// A request to the gateway's side and its answer, one after the other on TCP.
            case requests
        }

        /// A time without progress that is longer than is usual for it.
        public struct Stall: Codable, Sendable, Equatable {
            public var start: Seconds
            /// Absent where it lasted to the measurement's end.
            public var end: Seconds?

            enum CodingKeys: String, CodingKey {
                case start = "start_s"
                case end = "end_s"
            }

            public init(start: Seconds, end: Seconds?) {
                self.start = start
                self.end = end
            }
        }

        public var connection: String
        public var kind: Kind
        /// Messages written, or requests.
        public var sent: Int
        /// Messages that arrived, or answers.
        public var received: Int
        /// TCP connections that were made, the first one included.
        public var connects: Int
        /// Segments that the kernel sent again (`tcpi_total_retrans`).
        public var retransmissions: Int
        public var stalls: [Stall]
        /// From a request to its answer, or from a message's writing to its arrival; absent when nothing arrived.
        public var delay: Delay?

        public init(
            connection: String, kind: Kind, sent: Int, received: Int, connects: Int, retransmissions: Int, stalls: [Stall], delay: Delay?
        ) {
            self.connection = connection
            self.kind = kind
            self.sent = sent
            self.received = received
            self.connects = connects
            self.retransmissions = retransmissions
            self.stalls = stalls
            self.delay = delay
        }
    }
}
