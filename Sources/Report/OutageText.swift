import Measurement

/// A flow's outage in a row of the table.
struct OutageText {
    /// Both methods' readings, each with its resolution.
    let byLoss: String
    let byTimestamps: String
    /// The cause that lost most, and how many others there were.
    let cause: String
    let weight: TerminalStyle.Weight

    init(_ outage: RehearsalReport.Flow.Outage) {
        let text = { (time: Milliseconds) in Self.text(time, resolution: outage.resolution) }
        switch outage.state {
        case .none:
            let nothing = outage.backgroundLost == 0 ? "no loss" : "no outage"
            (byLoss, byTimestamps, weight) = (nothing, nothing, .good)
        case .recovered:
            (byLoss, byTimestamps, weight) = (text(outage.frameLoss), outage.timestamp.map(text) ?? "never up before", .plain)
        case .unconfirmed:
            (byLoss, byTimestamps, weight) = (
                text(outage.frameLoss), outage.timestamp.map { text($0) + "?" } ?? "never up before", .bad
            )
        case .notRecovered:
            (byLoss, byTimestamps, weight) = (text(outage.frameLoss), "not recovered", .bad)
        }

        let causes = CounterNames.mostFirst(outage.causes)
        let others = causes.count > 1 ? " +\(causes.count - 1)" : ""
        cause = causes.first.map { CounterNames.cause(ofLabel: $0.key) + others } ?? ""
    }

    /// `31.2 ±0.1 s`: with the decimals that the resolution vouches for.
    private static func text(_ time: Milliseconds, resolution: Milliseconds) -> String {
        let decimals = decimals(of: resolution)
        return "\(Seconds(nanoseconds: time.nanoseconds).text(decimals: decimals)) "
            + "±\(Seconds(nanoseconds: resolution.nanoseconds).text(decimals: decimals)) s"
    }

    /// The fewest decimals of a second that are at least as fine as the resolution.
    static func decimals(of resolution: Milliseconds) -> Int {
        var step: Int64 = 1_000_000_000
        var decimals = 0
        while step > resolution.nanoseconds, decimals < Seconds.decimals {
            step /= 10
            decimals += 1
        }
        return decimals
    }
}
