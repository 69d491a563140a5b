import Measurement
import Testing

@Suite struct DistributionTests {
    @Test(
        "Statistics are measured values, by nearest rank",
        arguments: [
            ([5], [5, 5, 5, 5]),
            ([2, 1], [1, 1, 2, 2]),
            ([3, 1, 2], [1, 2, 3, 3]),
            (Array(1...20).reversed(), [1, 10, 19, 20]),
            (Array(1...100), [1, 50, 95, 100]),
            ([-4, 0, 4], [-4, 0, 4, 4]),
        ])
    func nearestRank(values: [Int64], expected: [Int64]) throws {
        let found = try #require(Distribution(values))
        #expect([found.minimum, found.median, found.percentile95, found.maximum] == expected)
    }

    @Test("No values have no statistics")
    func none() { #expect(Distribution([]) == nil) }
}
