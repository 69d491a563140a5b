/// What an interface does to the packets that leave by it (netem, `tc-netem(8)`).
public struct NetworkEmulation: Hashable, Sendable {
    /// How long each packet is held.
    public var delay: Duration
    /// Uniform around the delay, below 2.1 s. Packets overtake each other when it exceeds the time between them.
    public var jitter: Duration
    /// The probability that a packet is dropped, 0 to 1.
    public var loss: Double
    /// In bits per second, Ethernet headers counted; nil for no limit.
    public var rate: UInt64?
    /// Makes loss and jitter repeat themselves. Kernels before 6.7 ignore it without a word.
    public var seed: UInt64?
    /// How many packets may wait; more are dropped. The default is more than any delay of a lab's traffic needs.
    public var queueLimit: UInt32

    public init(
        delay: Duration = .zero, jitter: Duration = .zero, loss: Double = 0, rate: UInt64? = nil, seed: UInt64? = nil,
        queueLimit: UInt32 = 100_000
    ) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.rate = rate
        self.seed = seed
        self.queueLimit = queueLimit
    }
}
