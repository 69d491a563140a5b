/// One line of the table: a quantity, what was found, and what it is to be.
struct Finding: Codable {
    var name: String
    /// "s", "µs an SA"; empty for ratios.
    var unit: String
    var series: Series
    /// The most that the median may be, where there is a goal.
    var goal: Double?

    /// nil without a goal.
    var holds: Bool? { goal.map { series.median <= $0 } }

    init(_ name: String, _ unit: String, _ series: Series, goal: Double? = nil) {
        (self.name, self.unit, self.series, self.goal) = (name, unit, series, goal)
    }
}
