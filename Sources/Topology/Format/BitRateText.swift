/// Rates as network engineers write them: `100Mbit`, `10Gbit`; thousands, not 1,024s.
enum BitRateText {
    private static let units: [(name: String, bits: Int128)] = [("kbit", 1_000), ("Mbit", 1_000_000), ("Gbit", 1_000_000_000)]
    static let pattern = #"^[0-9]{1,9}(\.[0-9]{1,6})?(kbit|Mbit|Gbit)$"#
    /// Bits per second.
    static let range: ClosedRange<UInt64> = 1_000...1_000_000_000_000

    /// - Returns: Bits per second.
    static func parse(_ text: String) -> Parsed<UInt64> {
        guard let quantity = Quantity(text) else { return .problem(nil) }
        guard let unit = units.first(where: { $0.name == quantity.unit }) else {
            if quantity.unit.isEmpty { return .problem("a number without a unit (did you mean \"\(text)Mbit\"?)") }
            let meant = likelyMeant(quantity.unit, among: units.map(\.name)).map { " (did you mean \"\($0)\"?)" } ?? ""
            return .problem("an unknown unit\(meant)")
        }
        guard let bits = UInt64(exactly: quantity.scaled(by: unit.bits)), range.contains(bits) else {
            return .problem("out of range")
        }
        return .value(bits)
    }
}

extension Form where Value == UInt64 {
    /// Bits per second.
    static var bitRate: Form {
        .scalar(
            allowed: "a rate such as 512kbit, 100Mbit or 10Gbit, from 1kbit to 1000Gbit",
            schema: ["type": "string", "pattern": .string(BitRateText.pattern)], parse: BitRateText.parse)
    }
}
