extension Form where Value == Int {
    /// An integer in decimal digits, nothing else: no sign, no separators, no octal or hexadecimal.
    static func integer(_ range: ClosedRange<Int>) -> Form {
        .scalar(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound), in decimal digits",
            schema: ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        ) { text in
            guard let quantity = Quantity(text), quantity.unit.isEmpty, quantity.fractionDigits == 0, String(quantity.digits) == text,
                let value = Int(exactly: quantity.digits)
            else { return .problem(Int(text).map { $0 < 0 ? "a negative number" : "a number not in decimal digits" }) }
            return range.contains(value) ? .value(value) : .problem(value < range.lowerBound ? "too small" : "too large")
        }
    }
}

extension Form where Value == Double {
    /// A number without a unit, such as 2 or 0.5.
    static func number(_ range: ClosedRange<Double>) -> Form {
        .scalar(
            allowed: "a number from \(range.lowerBound.short) to \(range.upperBound.short), such as 100 or 0.5",
            schema: ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
        ) { text in
            guard let quantity = Quantity(text) else { return .problem(nil) }
            guard quantity.unit.isEmpty else { return .problem("a number with a unit") }
            let value = quantity.number
            return range.contains(value) ? .value(value) : .problem(value < range.lowerBound ? "too small" : "too large")
        }
    }

    /// A share of packets, written in percent; the value is 0 to 1.
    static var loss: Form {
        .scalar(
            allowed: "a percentage such as 0.1%, from 0% to 100%",
            schema: ["type": "string", "pattern": #"^[0-9]{1,3}(\.[0-9]{1,6})?%$"#]
        ) { text in
            if text.utf8.first == UInt8(ascii: "-") { return .problem("a negative percentage") }
            guard let quantity = Quantity(text) else { return .problem(nil) }
            guard quantity.unit == "%" else {
                return .problem(quantity.unit.isEmpty ? "a number without a unit (did you mean \"\(text)%\"?)" : nil)
            }
            return quantity.number <= 100 ? .value(quantity.number / 100) : .problem("more than everything")
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    var short: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
