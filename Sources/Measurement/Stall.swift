/// A time in which an application got nothing although something was due.
public struct Stall: Codable, Sendable, Equatable {
    /// When it got the last thing before: nanoseconds since the measured part's start.
    public var start: Int64
    /// When it got the next one; nil where it never did.
    public var end: Int64?

    public init(start: Int64, end: Int64?) {
        self.start = start
        self.end = end
    }

    /// - Parameter limit: when the measurement ended, for one that is open.
    public func length(until limit: Int64) -> Int64 { (end ?? max(limit, start)) - start }
}

/// Finds stalls in what is delivered: every pause longer than three times the interval at which things are due. TCP's own repair of a single
/// lost segment mostly takes less.
public struct StallDetector: Sendable {
    public let threshold: Int64
    public private(set) var stalls: [Stall] = []
    /// When something was delivered last, or when it began to be due.
    private var last: Int64

    /// - Parameters:
    ///   - interval: at which things are due, in nanoseconds.
    ///   - start: when the first one is.
    public init(interval: Int64, start: Int64 = 0) {
        threshold = 3 * interval
        last = start
    }

    public mutating func delivered(at time: Int64) {
        if time - last > threshold { stalls.append(Stall(start: last, end: time)) }
        last = max(last, time)
    }

    /// Nothing is due any more.
    public mutating func finish(at time: Int64) {
        if time - last > threshold { stalls.append(Stall(start: last, end: nil)) }
        last = .max - threshold
    }
}
