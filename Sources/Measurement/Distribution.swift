/// The order statistics of a set of values, by nearest rank.
public struct Distribution: Codable, Sendable, Equatable {
    /// Of how many values.
    public var count: Int
    public var minimum: Int64
    public var median: Int64
    public var percentile95: Int64
    public var percentile99: Int64
    /// The 99.9th.
    public var percentile999: Int64
    public var maximum: Int64

    /// nil for no values.
    public init?(_ values: some Sequence<Int64>) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        count = sorted.count
        minimum = first
        median = Distribution.percentile(500, of: sorted)
        percentile95 = Distribution.percentile(950, of: sorted)
        percentile99 = Distribution.percentile(990, of: sorted)
        percentile999 = Distribution.percentile(999, of: sorted)
        maximum = last
    }

    /// The smallest value that `permille` in a thousand values do not exceed (nearest rank). An even count's median is the lower middle value,
    /// so that every statistic is a value that was measured.
    ///
    /// - Parameters:
    ///   - permille: 0 to 1,000.
    ///   - sorted: ascending, not empty.
    static func percentile(_ permille: Int, of sorted: [Int64]) -> Int64 {
        let rank = (sorted.count * permille + 999) / 1_000
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
