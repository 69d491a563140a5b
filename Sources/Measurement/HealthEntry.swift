/// One line of a resource's health history: how available it was, since when, and why.
public struct HealthEntry: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case gateway
        case connection
    }

    /// As the service's Resource Health calls it.
    public enum Availability: String, Codable, Sendable {
        case available = "Available"
        /// It forwards, but not all that it should.
        case degraded = "Degraded"
        case unavailable = "Unavailable"
        /// Nobody watches: the lab does not stand.
        case unknown = "Unknown"
    }

    public enum Cause: String, Codable, Sendable {
        case platformInitiated = "PlatformInitiated"
        case userInitiated = "UserInitiated"
    }

    /// The gateway's or the connection's name.
    public var resource: String
    public var kind: Kind
    /// In nanoseconds: of the events' clock in a report, since 1970 in a lab's kept history.
    public var since: Int64
    /// When the next entry of the same resource began; nil for the last.
    public var until: Int64?
    public var availability: Availability
    /// In words.
    public var reason: String
    /// nil where neither the platform nor a user of the gateway is behind it: a line, a site, a recovery.
    public var cause: Cause?
    /// Whether it was announced before; nil where that is no question.
    public var isPlanned: Bool?

    public init(
        resource: String, kind: Kind, since: Int64, until: Int64? = nil, availability: Availability, reason: String, cause: Cause? = nil,
        isPlanned: Bool? = nil
    ) {
        self.resource = resource
        self.kind = kind
        self.since = since
        self.until = until
        self.availability = availability
        self.reason = reason
        self.cause = cause
        self.isPlanned = isPlanned
    }
}

extension [HealthEntry] {
    /// Every entry ends where the next of its resource begins.
    public var closed: [HealthEntry] {
        var result = self
        var latest: [String: Int] = [:]
        for (index, entry) in enumerated() {
            let key = "\(entry.kind.rawValue) \(entry.resource)"
            if let before = latest[key] { result[before].until = entry.since }
            latest[key] = index
        }
        return result
    }
}
