import LabPlan

/// What both sides of a connection are configured with, side by side: what the service's own article has checked before a reset.
///
/// A difference is a connection that does not come up again. No key material is part of it.
public struct ConnectionCheck: Codable, Sendable, Equatable {
    public enum Verdict: String, Codable, Sendable {
        case ok
        /// Both sides must agree here, and do not.
        case differs
        /// Both sides are not alike, and need not be.
        case note
    }

    public struct Item: Codable, Sendable, Equatable {
        /// What is compared, in a few words: `IKE encryption`.
        public var name: String
        public var site: String
        public var gateway: String
        public var verdict: Verdict
        /// What a verdict means that the values do not explain.
        public var remark: String?

        public init(name: String, site: String, gateway: String, verdict: Verdict, remark: String? = nil) {
            self.name = name
            self.site = site
            self.gateway = gateway
            self.verdict = verdict
            self.remark = remark
        }
    }

    public var connection: String
    /// The site's name.
    public var site: String
    public var items: [Item]

    public init(connection: String, site: String, items: [Item]) {
        self.connection = connection
        self.site = site
        self.items = items
    }

    public var differences: [Item] { items.filter { $0.verdict == .differs } }

    /// Compares both sides of every connection, or of one.
    ///
    /// - Parameter connection: Index of the only one; nil for all.
    public static func all(of lab: LabPlan, connection: Int? = nil) -> [ConnectionCheck] {
        lab.connections.enumerated().filter { connection == nil || $0.offset == connection }.map { ConnectionCheck($0.element, in: lab) }
    }

    private init(_ connection: ConnectionPlan, in lab: LabPlan) {
        self.init(
            connection: connection.name, site: lab.nodes[connection.site].name,
            items: PeerComparison(connection).items + SecretComparison(connection).items
                + PolicyComparison(site: connection.siteSide.policy, gateway: connection.gatewaySide.policy).items
                + SelectorComparison(connection).items + LivenessComparison(connection).items)
    }
}
