/// How far a lab's clock is from this machine's time of day.
///
/// A guest's own time of day is set to the second at its boot. What it says takes some time to arrive, never less than none: the smallest
/// difference of the last readings is the closest.
struct ClockOffset {
    private static let readings = 64
    private var differences: [Int64] = []

    /// - Parameters:
    ///   - lab: the lab's clock when it said something.
    ///   - wallClock: this machine's, when that was heard.
    mutating func read(_ lab: Int64, heardAt wallClock: Int64) {
        differences = differences.suffix(Self.readings - 1) + [wallClock - lab]
    }

    /// Nanoseconds since 1970.
    func wallClock(of lab: Int64) -> Int64? { differences.min().map { lab + $0 } }
}
