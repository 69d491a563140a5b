/// What counters read at one moment.
///
/// A snapshot need not name every counter: what it does not name was not read then. Each counter's first reading is its baseline.
public struct CounterSnapshot: Sendable, Equatable {
    /// Nanoseconds since the measured part's start; before it (negative) for the baseline.
    public var at: Int64
    /// In any order, each counter once: a list is written in the middle of an outage, where a table would take many times as long.
    public var readings: [CounterReading]

    public init(at: Int64, readings: [CounterReading]) {
        self.at = at
        self.readings = readings
    }
}

public struct CounterReading: Sendable, Equatable {
    public var counter: CounterKey
    public var value: UInt64

    public init(_ counter: CounterKey, _ value: UInt64) { (self.counter, self.value) = (counter, value) }
}
