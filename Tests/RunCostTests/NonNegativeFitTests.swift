import Testing

@testable import RunCost

@Suite struct NonNegativeFitTests {
    @Test func whatRunsWereMadeOfIsFound() {
        let rows: [[Double]] = [[1, 10, 0], [1, 100, 0], [1, 10, 50], [1, 200, 10]]
        let costs = [1_000, 7, 20.0]
        let found = NonNegativeFit.costs(rows, rows.map { row in zip(row, costs).reduce(0) { $0 + $1.0 * $1.1 } })
        for (one, other) in zip(found, costs) { #expect(abs(one / other - 1) < 1e-6) }
    }

    @Test func noCostIsNegative() {
        // Without the bound the second kind would come out at -1.
        let found = NonNegativeFit.costs([[1, 0], [1, 5], [1, 5]], [10, 5, 5])
        #expect(found[1] == 0)
        #expect(found[0] > 5 && found[0] < 10)
    }

    @Test func whatNoRunHadCostsNothing() { #expect(NonNegativeFit.costs([[2, 0]], [10]) == [5, 0]) }
}
