#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What one run of the benchmarks found.
struct BenchReport: Codable {
    var surroundings: Surroundings
    var findings: [Finding]

    /// Keys sorted, so that two reports can be compared by their lines.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    var markdown: String { findings.markdownTable + "\n" + surroundings.sentence }
}

extension [Finding] {
    /// A row for each, without anything behind it.
    var markdownTable: String {
        var text = "| quantity | median | min | max | times | goal | |\n|---|---:|---:|---:|---:|---:|---|\n"
        for finding in self {
            let series = finding.series
            let figures = [series.median, series.minimum, series.maximum].map {
                Decimals.text($0) + (finding.unit.isEmpty ? "" : " \(finding.unit)")
            }
            let goal =
                finding.goal.map { goal in
                    "≤ \(Decimals.text(goal, decimals: goal > 0 && goal < 0.1 ? 3 : 1))" + (finding.unit.isEmpty ? "" : " \(finding.unit)")
                } ?? ""
            let verdict = finding.holds.map { $0 ? "holds" : "**missed**" } ?? ""
            text += "| \(finding.name) | \(figures.joined(separator: " | ")) | \(series.values.count) | \(goal) | \(verdict) |\n"
        }
        return text
    }
}

enum Decimals {
    /// Without Foundation's formatting: three digits that count, or whole numbers.
    static func text(_ value: Double, decimals: Int? = nil) -> String {
        guard value.isFinite else { return "–" }
        let decimals = decimals ?? (value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3)
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        guard decimals > 0 else { return "\(scaled)" }
        let digits = String(repeating: "0", count: max(0, decimals + 1 - String(scaled).count)) + String(scaled)
        return "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
    }
}
