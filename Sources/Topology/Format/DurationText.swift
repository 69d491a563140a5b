/// Durations as people write them: `45ms`, `1.5s`, `30s`, `45min`.
enum DurationText {
    /// Attoseconds a unit.
    private static let units: [(name: String, attoseconds: Int128)] = [
        ("us", 1_000_000_000_000), ("ms", 1_000_000_000_000_000), ("s", 1_000_000_000_000_000_000),
        ("min", 60_000_000_000_000_000_000), ("h", 3_600_000_000_000_000_000_000),
    ]

    static let pattern = #"^[0-9]{1,9}(\.[0-9]{1,6})?(us|ms|s|min|h)$"#

    static func parse(_ text: String) -> Parsed<Duration> {
        if text.utf8.first == UInt8(ascii: "-") { return .problem("a negative duration") }
        guard let quantity = Quantity(text) else { return .problem(nil) }
        guard let unit = units.first(where: { $0.name == quantity.unit }) else {
            if quantity.unit.isEmpty { return .problem("a number without a unit (did you mean \"\(text)ms\" or \"\(text)s\"?)") }
            if quantity.unit == "m" { return .problem("an unclear unit (did you mean \"min\" or \"ms\"?)") }
            return .problem("an unknown unit (the units are \(alternatives(units.map(\.name))))")
        }
        return .value(Duration(attoseconds: quantity.scaled(by: unit.attoseconds)))
    }

    /// The shortest exact text: 90 s is `90s`, 2,700 s is `45min`.
    static func describe(_ duration: Duration) -> String {
        let attoseconds = duration.attoseconds
        guard attoseconds != 0 else { return "0s" }
        let unit = units.last { attoseconds % $0.attoseconds == 0 } ?? units[0]
        let exact = attoseconds % unit.attoseconds == 0
        return exact ? "\(attoseconds / unit.attoseconds)\(unit.name)" : "\(Double(attoseconds) / Double(unit.attoseconds))\(unit.name)"
    }
}

extension Form where Value == Duration {
    /// A duration with its unit, within bounds.
    static func duration(_ range: ClosedRange<Duration>) -> Form {
        let bounds = "from \(DurationText.describe(range.lowerBound)) to \(DurationText.describe(range.upperBound))"
        return .scalar(
            allowed: "a duration such as 45ms, 1.5s, 30s or 45min, \(bounds)",
            schema: ["type": "string", "pattern": .string(DurationText.pattern)]
        ) { text in
            guard case .value(let duration) = DurationText.parse(text), !range.contains(duration) else { return DurationText.parse(text) }
            return .problem(duration < range.lowerBound ? "too short" : "too long")
        }
    }
}
