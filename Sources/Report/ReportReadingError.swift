/// Why a text is no report of this version's: where, what was found, and what is allowed.
public struct ReportReadingError: Error, Equatable, CustomStringConvertible {
    /// `12:3` (line and column) or `flows[2].outage`; empty for the whole.
    public var place: String
    public var found: String
    public var allowed: String

    package init(at place: String = "", found: String, allowed: String) {
        self.place = place
        self.found = found
        self.allowed = allowed
    }

    public var description: String { (place.isEmpty ? "" : "\(place): ") + "found \(found); allowed: \(allowed)" }
}

extension ReportReadingError {
    /// - Parameter text: what was decoded.
    init(_ error: DecodingError, in text: String) {
        let report = "what \(RehearsalReport.schemaIdentifier) says (resetlab schema report)"
        switch error {
        case .keyNotFound(let key, let context):
            self.init(at: Self.place(context.codingPath), found: "no \(key.stringValue)", allowed: report)
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            self.init(at: Self.place(context.codingPath), found: "a value of another type", allowed: report)
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            self.init(at: Self.place(context.codingPath), found: "a value out of range", allowed: report)
        default:
            guard let violation = JSONSyntax.violation(in: text) else {
                self.init(found: "a number out of range", allowed: report)
                return
            }
            self.init(at: "\(violation.line):\(violation.column)", found: violation.found, allowed: violation.allowed)
        }
    }

    /// `flows[2].outage.state`.
    private static func place(_ path: [any CodingKey]) -> String {
        path.reduce("") { place, key in
            if let index = key.intValue { return "\(place)[\(index)]" }
            return place.isEmpty ? key.stringValue : "\(place).\(key.stringValue)"
        }
    }
}
