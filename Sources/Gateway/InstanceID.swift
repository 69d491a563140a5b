/// One of the gateway's two instances; the raw value is its index in `GatewayPlan.instances`.
public enum InstanceID: Int, Sendable, Hashable, Codable, CaseIterable {
    case first = 0
    case second = 1

    public var peer: InstanceID { self == .first ? .second : .first }
}

/// What an instance is at the moment.
public enum InstanceState: Sendable, Hashable {
    /// Holds the addresses and forwards.
    case active
    /// Running, without addresses and without security associations.
    case standby
    /// Away, and back when its boot time has passed.
    case restarting
    /// Not there, and nothing is under way to change that: before the gateway's start.
    case gone
}
