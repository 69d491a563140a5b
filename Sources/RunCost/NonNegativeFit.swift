/// Costs of kinds of work, none of them negative, from runs that had so much of each: least squares of the relative errors.
public enum NonNegativeFit {
    private static let sweeps = 50_000

    /// - Parameters:
    ///   - rows: of each run, how much of each kind it had.
    ///   - totals: what each run cost, more than 0.
    /// - Returns: the cost of a unit of each kind; 0 for one that no run had.
    public static func costs(_ rows: [[Double]], _ totals: [Double]) -> [Double] {
        let columns = rows.first?.count ?? 0
        let scaled = zip(rows, totals).map { row, total in row.map { $0 / total } }
        let squares = (0..<columns).map { column in scaled.reduce(0) { $0 + $1[column] * $1[column] } }
        var costs = [Double](repeating: 0, count: columns)
        // What each run's prediction is short of 1.
        var errors = [Double](repeating: 1, count: rows.count)
        // One cost at a time to where the sum of squares is least, never below zero: that is convex, and converges.
        for _ in 0..<sweeps {
            for column in 0..<columns where squares[column] > 0 {
                let slope = zip(scaled, errors).reduce(0) { $0 + $1.0[column] * $1.1 }
                let new = max(0, costs[column] + slope / squares[column])
                let change = new - costs[column]
                guard change != 0 else { continue }
                costs[column] = new
                for row in errors.indices { errors[row] -= scaled[row][column] * change }
            }
        }
        return costs
    }
}
