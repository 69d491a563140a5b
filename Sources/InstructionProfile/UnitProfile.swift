/// The instructions that one more unit of work takes (a probe, an SA), by function: the difference of two runs, divided by their
/// difference in units, so that what both do alike (a guest's start, a lab's building) is not in it.
public struct UnitProfile: Codable, Sendable {
    public struct Entry: Codable, Sendable {
        public var function: KernelSymbols.Function
        public var subsystem: Subsystem
        /// Of each unit. Below zero where the longer run had less to do there.
        public var instructions: Double
        public var calls: Double
    }

    /// Most instructions first.
    public var entries: [Entry]

    /// - Parameter units: how many the longer run had more; above zero.
    public init(_ longer: FunctionCounts, minus shorter: FunctionCounts, units: Double) {
        precondition(units > 0)
        let functions = Set(longer.counts.keys).union(shorter.counts.keys)
        entries = functions.map { function in
            let (more, less) = (longer.counts[function] ?? .init(), shorter.counts[function] ?? .init())
            return Entry(
                function: function, subsystem: Subsystem(of: function),
                instructions: (Double(more.instructions) - Double(less.instructions)) / units,
                calls: (Double(more.calls) - Double(less.calls)) / units)
        }
        entries.removeAll { $0.instructions == 0 && $0.calls == 0 }
        entries.sort { ($1.instructions, $0.function.name) < ($0.instructions, $1.function.name) }
    }

    public var total: Double { entries.reduce(0) { $0 + $1.instructions } }

    /// Most instructions first.
    public var bySubsystem: [(subsystem: Subsystem, instructions: Double)] {
        var sums: [Subsystem: Double] = [:]
        for entry in entries { sums[entry.subsystem, default: 0] += entry.instructions }
        return sums.map { ($0, $1) }.sorted { ($1.instructions, $0.subsystem.rawValue) < ($0.instructions, $1.subsystem.rawValue) }
    }
}
