/// One counter's line of the ledger.
public struct LedgerTotal: Codable, Sendable, Equatable {
    public var counter: CounterKey
    /// By how much it rose while probes were measured.
    public var delta: UInt64
    /// How many lost probes are attributed to it: `delta` at most. What is left counted other packets, or the same ones as another counter.
    public var allocated: Int

    public init(counter: CounterKey, delta: UInt64, allocated: Int) {
        self.counter = counter
        self.delta = delta
        self.allocated = allocated
    }
}
