/// The forms of a rehearsal's report.
public enum ReportFormat: String, CaseIterable, Sendable {
    case table
    case json
    case html
    case markdown
    case junit

    /// What a file of it is called in a folder of reports.
    public var fileName: String {
        switch self {
        case .table: "report.txt"
        case .json: "report.json"
        case .html: "report.html"
        case .markdown: "report.md"
        case .junit: "junit.xml"
        }
    }

    /// The report in this form; ends with a newline.
    public func text(of report: RehearsalReport, usesColour: Bool = false) throws -> String {
        switch self {
        case .table: TerminalReport(report, usesColour: usesColour).text
        case .json: try report.json()
        case .html: HTMLReport(report).text
        case .markdown: MarkdownReport(report).text
        case .junit: JUnitReport(report).text
        }
    }
}
