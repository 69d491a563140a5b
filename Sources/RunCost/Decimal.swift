/// Numbers for people, without Foundation's formatting.
enum Decimal {
    static func rounded(_ value: Double, _ places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (value * scale).rounded() / scale
    }

    /// With a comma before every three digits: `24,000`, `4.62`.
    static func text(_ value: Double, _ places: Int = 0) -> String {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        var text = ""
        for (index, digit) in String(scaled / scale).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = "\(digit)" + text
        }
        guard places > 0 else { return text }
        let fraction = String(scaled % scale)
        return text + "." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
