/// What counters read at one moment.
///
/// A snapshot need not name every counter: what it does not name was not read then. Each counter's first reading is its baseline.
public struct CounterSnapshot: Sendable, Equatable {
    /// Nanoseconds since the measured part's start; before it (negative) for the baseline.
    public var at: Int64
    public var values: [CounterKey: UInt64]

    public init(at: Int64, values: [CounterKey: UInt64]) {
        self.at = at
        self.values = values
    }
}
