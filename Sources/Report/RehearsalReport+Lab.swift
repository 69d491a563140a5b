import Addressing
import LabPlan

extension RehearsalReport {
    /// The lab that was rehearsed in: who is there, and between which addresses.
    public struct Lab: Codable, Sendable, Equatable {
        public struct Instance: Codable, Sendable, Equatable {
            public var name: String
            /// Its own internet addresses: of an active-active gateway's instances only.
            public var addresses: [String]
        }

        public struct Site: Codable, Sendable, Equatable {
            public var name: String
            public var connection: String
            public var address: String
            /// Behind it.
            public var prefixes: [String]
            /// ESP encryption and integrity, as the gateway's side has them.
            public var suite: String
            /// The line's impairment in words, towards the site and from it; absent for a line without any.
            public var toSite: String?
            public var fromSite: String?
        }

        public var gateway: String
        public var isActiveActive: Bool
        /// How tunnels come back: `negotiate`, `same-spi` or `state-sync`.
        public var recovery: GatewayPlan.Recovery
        public var instances: [Instance]
        /// The virtual internet addresses, which move with a failover.
        public var addresses: [String]
        /// Behind the gateway.
        public var prefixes: [String]
        public var sites: [Site]

        init(_ plan: LabPlan) {
            gateway = plan.gateway.name
            isActiveActive = plan.gateway.isActiveActive
            recovery = plan.gateway.recovery
            instances = plan.gateway.instances.map { Instance(name: $0.name, addresses: $0.addresses.map(\.description)) }
            addresses = plan.gateway.virtualAddresses.map(\.description)
            prefixes = plan.gateway.prefixes.map(\.description)
            let lines = Dictionary(plan.links.map { ($0.b.node, $0) }, uniquingKeysWith: { first, _ in first })
            sites = plan.connections.map { Site($0, in: plan, line: lines[$0.site]) }
        }
    }
}

extension RehearsalReport.Lab.Site {
    fileprivate init(_ connection: ConnectionPlan, in plan: LabPlan, line: Link?) {
        func impairment(_ end: Link.End?) -> String? { end?.impairment.flatMap { $0.isNone ? nil : $0.words } }
        let policy = connection.gatewaySide.policy
        var prefixes: [String] = []
        for prefix in connection.siteSide.selectors.map(\.site.description) where !prefixes.contains(prefix) { prefixes.append(prefix) }
        self.init(
            name: plan.nodes.indices.contains(connection.site) ? plan.nodes[connection.site].name : connection.name,
            connection: connection.name, address: connection.siteAddress.description, prefixes: prefixes,
            suite: "\(policy.encryption.rawValue) / \(policy.integrity.rawValue)", toSite: impairment(line?.a),
            fromSite: impairment(line?.b))
    }
}
