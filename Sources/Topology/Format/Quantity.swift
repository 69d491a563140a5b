/// A decimal number with its unit, exactly as written: no sign, no exponent, no thousands separator.
struct Quantity: Equatable {
    /// The digits without the point.
    var digits: UInt64
    var fractionDigits: Int
    /// What follows the number, empty for none.
    var unit: String

    /// nil unless the text is at most nine digits, at most six more after a point, and then anything else.
    init?(_ text: String) {
        var rest = text.utf8[...]
        func takeDigits() -> [UInt8] {
            let digits = Array(rest.prefix { (0x30...0x39).contains($0) })
            rest = rest.dropFirst(digits.count)
            return digits
        }
        let whole = takeDigits()
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = takeDigits()
            guard !fraction.isEmpty else { return nil }
        }
        guard (1...9).contains(whole.count), fraction.count <= 6, let unit = String(rest) else { return nil }
        digits = (whole + fraction).reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
        fractionDigits = fraction.count
        self.unit = unit
    }

    /// The number in units of `factor`; digits finer than one are cut.
    func scaled(by factor: Int128) -> Int128 {
        Int128(digits) * factor / (0..<fractionDigits).reduce(Int128(1)) { product, _ in product * 10 }
    }

    /// The number alone.
    var number: Double {
        Double(digits) / (0..<fractionDigits).reduce(1.0) { product, _ in product * 10 }
    }
}
