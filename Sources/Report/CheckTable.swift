import Preflight

/// A table per connection with both sides' values, for a terminal.
public struct CheckTable {
    private let checks: [ConnectionCheck]
    private let differencesOnly: Bool
    private let style: TerminalStyle

    /// - Parameter differencesOnly: Leaves out what agrees.
    public init(_ checks: [ConnectionCheck], differencesOnly: Bool = false, usesColour: Bool) {
        self.checks = checks
        self.differencesOnly = differencesOnly
        style = TerminalStyle(usesColour: usesColour)
    }

    /// Ends with a newline; empty when there is nothing to show.
    public var text: String {
        let tables = lines
        guard !tables.isEmpty else { return "" }
        let verdict =
            differencesOnly
            ? []
            : ["", checks.allSatisfy(\.differences.isEmpty) ? style.apply(.good, to: "No difference.") : style.apply(.bad, to: summary)]
        return (tables + verdict).joined(separator: "\n") + "\n"
    }

    /// All tables, with an empty line between two.
    var lines: [String] {
        let shown = differencesOnly ? checks.filter { !$0.differences.isEmpty } : checks
        return Array(shown.map(table).joined(separator: [""]))
    }

    private var summary: String {
        let names = checks.filter { !$0.differences.isEmpty }.map(\.connection)
        return "Both sides differ: \(names.joined(separator: ", "))."
    }

    private func table(_ check: ConnectionCheck) -> [String] {
        var table = TerminalTable(columns: [
            .init(title: check.connection, alignment: .left), .init(title: check.site, alignment: .left),
            .init(title: "gateway", alignment: .left), .init(title: "", alignment: .left),
        ])
        for item in differencesOnly ? check.differences : check.items {
            let weight: TerminalStyle.Weight =
                switch item.verdict {
                case .ok: .good
                case .differs: .bad
                case .note: .plain
                }
            let word = item.verdict == .differs ? "DIFFERS" : item.verdict.rawValue
            table.append([
                .init(item.name), .init(item.site), .init(item.gateway), .init(word + (item.remark.map { ": \($0)" } ?? ""), weight),
            ])
        }
        return table.lines(style: style)
    }
}
