import RunCost

/// One quantity, measured several times.
struct Series: Codable {
    /// In the order measured.
    var values: [Double]

    init(_ values: [Double]) { self.values = values }

    var minimum: Double { values.min() ?? .nan }
    var maximum: Double { values.max() ?? .nan }

    var median: Double { MachineSpeed.median(values) ?? .nan }

    /// The quotients of what was measured side by side: what disturbs one round disturbs both.
    static func / (dividend: Series, divisor: Series) -> Series { Series(zip(dividend.values, divisor.values).map { $0 / $1 }) }

    func scaled(_ factor: Double) -> Series { Series(values.map { $0 * factor }) }

    /// What is left of each value without a part measured beside it.
    static func - (whole: Series, part: Series) -> Series { Series(zip(whole.values, part.values).map { $0 - $1 }) }
}
