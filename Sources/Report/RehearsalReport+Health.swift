import LabPlan
import Measurement

extension RehearsalReport {
    /// How available the gateway or a connection was, and why, as the service's Resource Health tells it.
    public struct Health: Codable, Sendable, Equatable {
        public var resource: String
        public var kind: HealthEntry.Kind
        public var since: Seconds
        /// Absent for the last entry of a resource.
        public var until: Seconds?
        public var availability: HealthEntry.Availability
        public var reason: String
        /// Absent where neither the platform nor a user of the gateway is behind it.
        public var cause: HealthEntry.Cause?
        public var isPlanned: Bool?

        enum CodingKeys: String, CodingKey {
            case resource, kind
            case since = "since_s"
            case until = "until_s"
            case availability, reason, cause, isPlanned
        }

        /// Cause and reason: `PlatformInitiated, planned: planned maintenance of gateway-0`.
        var words: String {
            let planned = isPlanned.map { $0 ? ", planned" : ", unplanned" } ?? ""
            return (cause.map { "\($0.rawValue)\(planned): " } ?? "") + reason
        }

        init(_ entry: HealthEntry) {
            (resource, kind, availability, reason) = (entry.resource, entry.kind, entry.availability, entry.reason)
            (cause, isPlanned) = (entry.cause, entry.isPlanned)
            since = Seconds(nanoseconds: entry.since)
            until = entry.until.map { Seconds(nanoseconds: $0) }
        }

        /// The history of a rehearsal's events.
        static func all(of events: [TimelineEvent], in plan: LabPlan) -> [Health] {
            let lines = Dictionary(
                plan.links.indices.map { (plan.links[$0].b.node, plan.linkName($0)) }, uniquingKeysWith: { first, _ in first })
            let links = plan.connections.compactMap { lines[$0.site] }
            return HealthHistory.entries(
                of: events, gateway: plan.gateway.name, connections: plan.connections.map(\.name), links: links,
                isActiveActive: plan.gateway.isActiveActive, carriesSecurity: plan.gateway.recovery != .negotiate
            ).map(Health.init)
        }
    }
}
