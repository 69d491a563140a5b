/// A connection, by its index in `LabPlan.connections`.
public struct ConnectionID: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static func < (lhs: ConnectionID, rhs: ConnectionID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// One key exchange of a connection. A later exchange of the same connection has another number, so that the result of an abandoned one
/// cannot be taken for it.
public struct KeyExchangeID: Sendable, Hashable {
    public let connection: ConnectionID
    /// Unique among all exchanges of the gateway, from 1.
    public let number: Int

    public init(connection: ConnectionID, number: Int) {
        self.connection = connection
        self.number = number
    }
}

/// What the gateway knows of a connection.
public enum ConnectionState: Sendable, Hashable {
    /// No security associations, and no exchange under way.
    case down
    case exchangingKeys(KeyExchangeID)
    /// Up with the keys of this exchange.
    case up(KeyExchangeID)
    /// The last exchange failed. It is not begun again before the next change of the active instance.
    case failed(KeyExchangeID)
}
