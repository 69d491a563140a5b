import Measurement

/// The last events of a lab, numbered.
struct EventLog {
    private static let capacity = 10_000
    private var kept: [NumberedEvent] = []
    private var next = 1

    mutating func append(_ event: TimelineEvent, wallClock: Int64) -> NumberedEvent {
        let numbered = NumberedEvent(number: next, wallClock: wallClock, event: event)
        next += 1
        kept.append(numbered)
        // Cut in large steps, so that appending stays cheap.
        if kept.count > 2 * Self.capacity { kept.removeFirst(kept.count - Self.capacity) }
        return numbered
    }

    func events(after number: Int) -> [NumberedEvent] {
        guard let first = kept.first else { return [] }
        return Array(kept.dropFirst(max(0, number + 1 - first.number)))
    }
}
