import Measurement

extension RehearsalReport {
    /// What waiting for a turn took: an instance of the gateway lets only so many key exchanges go forward at once. That is the part of an outage that
    /// a gateway of one connection does not have.
    public struct ExchangeQueue: Codable, Sendable, Equatable {
        /// How many go forward at once (`gateway.maxConcurrentExchanges`).
        public var limit: Int
        /// How many waited.
        public var waited: Int
        /// For how long, at the most.
        public var longestWait: Seconds

        enum CodingKeys: String, CodingKey {
            case limit, waited
            case longestWait = "longestWait_s"
        }

        /// nil when nothing waited, or never had its turn.
        init?(_ events: [TimelineEvent], limit: Int) {
            struct Waiting: Hashable {
                let connection: String
                let place: String?
            }
            var since: [Waiting: Int64] = [:]
            var waits: [Int64] = []
            for event in events {
                let waiting = Waiting(connection: event.subject, place: event.detail)
                switch event.kind {
                case "key-exchange-queued": since[waiting] = event.at
                case "key-exchange-started": if let begun = since.removeValue(forKey: waiting) { waits.append(event.at - begun) }
                // The site has begun meanwhile.
                case "gateway-security-installed": since[waiting] = nil
                default: break
                }
            }
            guard let longest = waits.max() else { return nil }
            self.limit = limit
            waited = waits.count
            longestWait = Seconds(nanoseconds: longest)
        }

        var words: String {
            "\(waited) key exchange\(waited == 1 ? "" : "s") waited for \(waited == 1 ? "its" : "their") turn, the longest for \(longestWait.text(decimals: 3)) s: "
                + "the gateway has \(limit) at once."
        }
    }
}
