import Addressing

/// Something done to a running lab, by a step of a rehearsal or by hand. Indices are those of the plan.
public enum LabAction: Codable, Sendable, Equatable {
    /// The active instance restarts; of an active-active gateway the primary, or the one with this address.
    case resetGateway(address: IPAddress?)
    /// Only this connection's SAs are removed at both ends and agreed on anew.
    case resetConnection(Int)
    /// An instance ends without warning.
    case failInstance(InstanceChoice)
    /// An instance is restarted by planned maintenance.
    case maintainInstance(InstanceChoice)
    /// A link carries nothing, for a time or until it is restored.
    case cutLink(Int, for: Duration?)
    /// A cut link carries packets again, and its planned impairment is back.
    case restoreLink(Int)
    /// A link goes down and comes up again, several times.
    case flapLink(Int, down: Duration, up: Duration, times: Int)
    /// A link gets another impairment, for a time or until it is restored.
    case impairLink(Int, Impairment, LinkDirection, for: Duration?)
    /// The next announcements of moved addresses are not sent.
    case dropAnnouncements(Int)
}

public enum InstanceChoice: Codable, Sendable, Equatable {
    /// The active one; the primary of an active-active gateway.
    case active
    case standby
    case index(Int)
}

/// Seen from the node that a link is called by: a site, or an instance of the gateway.
public enum LinkDirection: String, Codable, Sendable, CaseIterable {
    case both
    case toNode = "to"
    case fromNode = "from"
}
