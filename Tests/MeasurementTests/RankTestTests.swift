import Measurement
import Testing

@Suite struct RankTestTests {
    /// A chance as the share of arrangements that have it.
    struct Known: Sendable {
        var pairs: Int
        var first: Int
        var second: Int
        var share: (Double, of: Double)
    }

    static let known: [Known] = [
        // One arrangement of C(10, 5).
        Known(pairs: 25, first: 5, second: 5, share: (1, of: 252)), Known(pairs: 0, first: 5, second: 5, share: (1, of: 1)),
        Known(pairs: 1, first: 1, second: 1, share: (1, of: 2)), Known(pairs: 9, first: 3, second: 3, share: (1, of: 20)),
        Known(pairs: 8, first: 3, second: 3, share: (2, of: 20)),
        // Mann and Whitney 1947, table I: P(U ≤ 1) for m = n = 4.
        Known(pairs: 15, first: 4, second: 4, share: (2, of: 70)), Known(pairs: 4, first: 1, second: 4, share: (1, of: 5)),
    ]

    @Test("Known chances", arguments: known) func chances(_ known: Known) {
        let chance = RankTest(first: known.first, second: known.second).chance(ofAtLeast: known.pairs)
        #expect(abs(chance - known.share.0 / known.share.of) < 1e-12)
    }

    @Test("As counted by trying every arrangement")
    func exhaustive() {
        let (m, n) = (4, 3)
        var counts = [Int](repeating: 0, count: m * n + 1)
        for arrangement in 0..<(1 << (m + n)) where arrangement.nonzeroBitCount == n {
            // Bits set are the second sample's, by rank.
            var pairs = 0
            var below = 0
            for rank in 0..<(m + n) {
                if arrangement >> rank & 1 == 1 { pairs += below } else { below += 1 }
            }
            counts[pairs] += 1
        }
        let all = Double(counts.reduce(0, +))
        for pairs in 0...(m * n) {
            let expected = Double(counts[pairs...].reduce(0, +)) / all
            #expect(abs(RankTest(first: m, second: n).chance(ofAtLeast: pairs) - expected) < 1e-12, "\(pairs)")
        }
    }
}
