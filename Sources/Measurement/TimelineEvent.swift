/// Something that happened in a rehearsal.
public struct TimelineEvent: Codable, Sendable, Equatable {
    /// Nanoseconds since the measured part's start.
    public var at: Int64
    /// What happened, in lower-case words joined by hyphens: `reset-requested`, `key-exchange-completed`.
    public var kind: String
    /// What it happened to: a gateway's, an instance's or a connection's name.
    public var subject: String
    /// What else a reader should know.
    public var detail: String?

    /// - Parameter at: nanoseconds since the measured part's start.
    public init(at: Int64, kind: String, subject: String, detail: String? = nil) {
        self.at = at
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }
}
