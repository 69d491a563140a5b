/// Applications that use each connection while it is measured: what they notice of an outage is not what the network does, since TCP waits
/// ever longer before it sends again (RFC 6298).
public struct ApplicationPlan: Codable, Sendable, Equatable {
    /// Messages per second, in each direction of one TCP connection that stays open.
    public var messageRate: Double
    /// In bytes.
    public var messageSize: Int
    /// Requests per second, each answered before the next is sent, on another TCP connection.
    public var requestRate: Double
    /// In bytes.
    public var requestSize: Int
    /// In bytes.
    public var answerSize: Int
    /// How long a request may wait for its turn, and once it is sent for its answer; then it is given up, the latter with its TCP connection.
    public var requestTimeout: Duration
    /// How long TCP waits for an acknowledgement before it gives a connection up (RFC 5482); nil for the system's patience, a quarter of an
    /// hour on Linux (`tcp_retries2`).
    public var userTimeout: Duration?

    public init(
        messageRate: Double = 10, messageSize: Int = 512, requestRate: Double = 5, requestSize: Int = 256, answerSize: Int = 1_024,
        requestTimeout: Duration = .seconds(5), userTimeout: Duration? = nil
    ) {
        self.messageRate = messageRate
        self.messageSize = messageSize
        self.requestRate = requestRate
        self.requestSize = requestSize
        self.answerSize = answerSize
        self.requestTimeout = requestTimeout
        self.userTimeout = userTimeout
    }
}
