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

        /// By flow: of each of its disruptions.
        static func all(in result: RehearsalResult, _ plan: LabPlan) -> [[Breakdown]] {
            let record = Measurement.Breakdown.Record(events: result.events, notices: result.notices)
            let sites = Dictionary(plan.connections.map { ($0.name, $0.site) }, uniquingKeysWith: { first, _ in first })
            var links: [Int: [String]] = [:]
            for link in plan.links.indices { links[plan.links[link].b.node, default: []].append(plan.linkName(link)) }
            return result.flows.map { flow in
                guard let site = sites[flow.connection] else { return [] }
                let nextHop = flow.direction == .toGateway ? LabPlan.internet : LabPlan.virtualNetwork
                // The site's line, and those of the gateway's instances.
                let crossed = ([site] + plan.gateway.instances.map(\.node)).flatMap { links[$0, default: []] }
                let subject = Measurement.Breakdown.Subject(
                    connection: flow.connection, nextHop: plan.nodes[nextHop].name, links: Set(crossed))
                return flow.outage.parts.map {
                    Breakdown(.init(of: $0, subject: subject, in: record, slack: flow.delay.all?.maximum ?? 0))
                }
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
        case .exchangeQueued: "waits its turn"
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
