/// The order statistics of a set of values, by nearest rank.
public struct Distribution: Codable, Sendable, Equatable {
    public var minimum: Int64
    public var median: Int64
    /// The 95th percentile.
    public var percentile95: Int64
    public var maximum: Int64

    /// nil for no values.
    public init?(_ values: some Sequence<Int64>) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        minimum = first
        median = Distribution.percentile(50, of: sorted)
        percentile95 = Distribution.percentile(95, of: sorted)
        maximum = last
    }

    /// The smallest value that `percent` in a hundred values do not exceed (nearest rank). An even count's median is the lower middle value,
    /// so that every statistic is a value that was measured.
    ///
    /// - Parameters:
    ///   - percent: 0 to 100.
    ///   - sorted: ascending, not empty.
    static func percentile(_ percent: Int, of sorted: [Int64]) -> Int64 {
        let rank = (sorted.count * percent + 99) / 100
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
