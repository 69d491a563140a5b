/// The exact rank test of two small samples (Mann and Whitney 1947; Wilcoxon 1945).
public enum RankTest {
    /// How likely it is that so many pairs have the greater value in the second sample when both are alike.
    ///
    /// The number of arrangements with exactly u such pairs is the coefficient of q^u in the Gaussian binomial of (m + n, m); no approximation,
    /// and a tie counts as no pair, which makes the test conservative.
    ///
    /// - Parameters:
    ///   - pairs: in how many of the m·n pairs the second sample's value is the greater.
    ///   - first: m, how many values the first sample has, at least 1.
    ///   - second: n, at least 1.
    /// - Returns: P(U ≥ pairs), from 0 to 1.
    public static func chance(ofAtLeast pairs: Int, first: Int, second: Int) -> Double {
        guard pairs > 0 else { return 1 }
        // frequencies[n][u], for a growing first sample: the largest value of all belongs to either the one sample or the other.
        var before = [[Double]](repeating: [1], count: second + 1)
        for m in 1...first {
            var now: [[Double]] = [[1]]
            for n in 1...second {
                var row = [Double](repeating: 0, count: m * n + 1)
                // The largest is one of the first's: it makes no pair.
                for (u, probability) in before[n].enumerated() { row[u] += probability * Double(m) / Double(m + n) }
                // It is one of the second's: it makes a pair with each of the first's.
                for (u, probability) in now[n - 1].enumerated() { row[u + m] += probability * Double(n) / Double(m + n) }
                now.append(row)
            }
            before = now
        }
        return before[second].dropFirst(pairs).reduce(0, +)
    }
}
