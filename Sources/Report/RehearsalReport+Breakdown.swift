import LabPlan
import Measurement

extension RehearsalReport {
    /// What one disruption of one flow consisted of.
    public struct Breakdown: Codable, Sendable, Equatable {
        public struct Mark: Codable, Sendable, Equatable {
            public var moment: Measurement.Breakdown.Moment
            public var at: Seconds
            public var source: Measurement.Breakdown.Source

            enum CodingKeys: String, CodingKey {
                case moment
                case at = "at_s"
                case source
            }
        }

        /// The kind of the event that brought it about; absent where none did.
        public var trigger: String?
        /// In order of time. Moments that did not come about are left out.
        public var marks: [Mark]

        init(_ breakdown: Measurement.Breakdown) {
            trigger = breakdown.trigger
            marks = breakdown.marks.map { Mark(moment: $0.moment, at: Seconds(nanoseconds: $0.at), source: $0.source) }
        }

        public subscript(moment: Measurement.Breakdown.Moment) -> Seconds? { marks.first { $0.moment == moment }?.at }

        /// Of every disruption of a flow.
        static func all(of flow: FlowResult, in result: RehearsalResult, _ plan: LabPlan) -> [Breakdown] {
            guard let connection = plan.connections.first(where: { $0.name == flow.connection }) else { return [] }
            let nextHop = flow.direction == .toGateway ? LabPlan.internet : LabPlan.virtualNetwork
            // The site's line, and those of the gateway's instances.
            let links = plan.links.indices.filter { link in
                plan.links[link].b.node == connection.site || plan.gateway.instances.contains { $0.node == plan.links[link].b.node }
            }
            let subject = Measurement.Breakdown.Subject(
                connection: flow.connection, nextHop: plan.nodes[nextHop].name, links: Set(links.map(plan.linkName)))
            return flow.outage.parts.map { part in
                Breakdown(
                    .init(
                        of: part, subject: subject, events: result.events, notices: result.notices,
                        slack: flow.delay.all?.maximum ?? 0))
            }
        }
    }
}

extension Measurement.Breakdown.Moment {
    /// For a table.
    public var words: String {
        switch self {
        case .trigger: "requested"
        case .activeDown: "active down"
        case .firstLoss: "first loss"
        case .detected: "detected"
        case .addressMoved: "address moved"
        case .neighbourUpdated: "seen by next hop"
        case .peerDead: "peer found dead"
        case .keyExchangeStarted: "key exchange"
        case .siteInstalled: "SAs at site"
        case .gatewayInstalled: "SAs at gateway"
        case .keyExchangeDone: "exchange done"
        case .trafficMoved: "traffic moved"
        case .firstArrival: "first arrival"
        case .sustained: "sustained"
        }
    }
}
