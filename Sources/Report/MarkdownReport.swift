/// The report as Markdown, short enough for a pull request.
public struct MarkdownReport {
    private let report: RehearsalReport

    /// More flows than these: only the worst.
    static let flowsShown = 20

    public init(_ report: RehearsalReport) { self.report = report }

    /// Ends with a newline.
    public var text: String {
        [heading, outages, applications, expectations, causes].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var heading: String {
        let verdict = report.verdict == .passed ? "✅ passed" : "❌ failed"
        let headline =
            report.worstFlow.map { flow in
                let text = flow.outage.state == .notRecovered ? "not recovered" : OutageText(flow.outage).byLoss
                return "longest outage **\(text)** (\(Self.escaped(flow.connection)), \(flow.direction.shortName))"
            } ?? "**no loss**"
        return """
            ### Measured downtime: \(Self.escaped(report.topology)), \(Self.escaped(report.rehearsal.name)): \(verdict)

            \(headline); \(report.lab.sites.count) site\(report.lab.sites.count == 1 ? "" : "s"), Linux \(Self.escaped(report.kernel)), \
            \(report.clock.rawValue) time, seed \(report.seed)
            """
    }

    private var outages: String {
        let shown = report.flows.count > Self.flowsShown ? Array(report.mostLostFirst.prefix(Self.flowsShown)) : report.flows
        let rows = shown.map { flow in
            let outage = OutageText(flow.outage)
            return [
                Self.escaped(flow.connection), flow.direction.shortName, "\(flow.lost) of \(flow.sent)", outage.byLoss, outage.byTimestamps,
                Self.escaped(outage.cause),
            ]
        }
        let left = report.flows.count - shown.count
        return Self.table(["Connection", "Direction", "Lost", "By loss", "By timestamps", "Cause"], rows)
            + (left > 0 ? "\n\n…and \(left) flows that lost less." : "")
    }

    /// Empty where no applications ran.
    private var applications: String {
        guard let all = report.applications, let method = report.applicationMethod else { return "" }
        let shown = report.mostStalled(Self.applicationsShown)
        let rows = shown.flatMap { ApplicationText.all(of: $0, in: report) }.map { text in
            [
                Self.escaped(text.connection), text.kind, text.delivered, text.lost, text.longestStall, text.outage, text.retransmissions,
                Self.escaped(text.breaks),
            ]
        }
        let left = all.count - shown.count
        return Self.table(
            ["Connection", "Application", "Delivered", "Lost", "Longest stall", "Network", "Sent again", "Connection ended"], rows)
            + (left > 0 ? "\n\n…and \(left) connections with shorter stalls." : "") + "\n\n" + method
    }

    /// Connections.
    private static let applicationsShown = 6

    private var expectations: String {
        report.expectations.map { "- \($0.holds ? "✅" : "❌") \(Self.escaped($0.text)): \(Self.escaped($0.found))" }.joined(separator: "\n")
    }

    private var causes: String {
        let ledger = report.ledger
        let rows =
            ledger.counters.filter { $0.explained > 0 }.map { ["\($0.explained)", "`\(Self.code($0.counter))`", Self.escaped($0.cause)] }
            + (ledger.unexplained > 0 ? [["\(ledger.unexplained)", "unexplained", "no counter accounts for them"]] : [])
        guard !rows.isEmpty else { return "Nothing was lost." }
        return "<details><summary>Where \(ledger.lost) lost probes died</summary>\n\n"
            + Self.table(["Lost", "Counted as", "Meaning"], rows)
            + "\n\n</details>"
    }

    /// - Parameter rows: Markdown already.
    private static func table(_ columns: [String], _ rows: [[String]]) -> String {
        ([columns, columns.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    /// For between two backticks in a table's cell: nothing that ends the code or the cell.
    private static func code(_ text: String) -> String {
        text.replacing("`", with: "'").replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    /// Names come from users: nothing in them is Markdown or HTML.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~": escaped += "\\\(character)"
            case "<": escaped += "&lt;"
            case "&": escaped += "&amp;"
            case _ where character.isNewline: escaped += " "
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
