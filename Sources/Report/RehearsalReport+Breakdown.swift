extension RehearsalReport {
    /// What one disruption of one flow consisted of.
    public struct Breakdown: Codable, Sendable, Equatable {
        /// Moments in the course of an outage, in the order in which they come about in a gateway reset.
        public enum Moment: String, Codable, Sendable, CaseIterable {
            /// The action was asked for.
            case trigger
            /// The first lost probe was sent.
            case firstLoss = "first-loss"
            /// The instance, or the link, stopped to carry anything.
            case activeDown = "active-down"
            /// The peer noticed.
            case detected
            /// The new instance had the virtual address.
            case addressMoved = "address-moved"
            /// The next hop on the flow's way towards the gateway had the address's new link-layer address in its table.
            case neighbourUpdated = "neighbour-updated"
            case keyExchangeStarted = "key-exchange-started"
            /// The site's kernel had the new security associations.
            case siteInstalled = "site-installed"
            /// The gateway's kernel had them.
            case gatewayInstalled = "gateway-installed"
            case keyExchangeDone = "key-exchange-done"
            /// The first probe after the last lost one arrived.
            case firstArrival = "first-arrival"
            /// Recovery had held for the longer of 5 s and 5 probes (RFC 6412).
            case sustained
        }

        /// Who knows.
        public enum Source: String, Codable, Sendable {
            /// The kernel's own notification (rtnetlink, XFRM).
            case kernel
            /// The lab, which did it.
            case lab
            /// The probes.
            case probes
        }

        public struct Mark: Codable, Sendable, Equatable {
            public var moment: Moment
            public var at: Seconds
            public var source: Source

            enum CodingKeys: String, CodingKey {
                case moment
                case at = "at_s"
                case source
            }

            public init(moment: Moment, at: Seconds, source: Source) {
                self.moment = moment
                self.at = at
                self.source = source
            }
        }

        /// The kind of the event that brought it about; absent where none did.
        public var trigger: String?
        /// In order of time. Moments that did not come about are left out: a link that was cut has no key exchange.
        public var marks: [Mark]

        public init(trigger: String?, marks: [Mark]) {
            self.trigger = trigger
            self.marks = marks
        }
    }
}
