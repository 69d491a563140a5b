import LabPlan

/// An expectation as written, with names that no topology has given a meaning yet.
struct ExpectationEntry: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case outage, lost, recovery, unexplained, stall
        case failedRequests = "failed-requests"

        func quantity(_ scope: ExpectationPlan.Scope) -> ExpectationPlan.Quantity {
            switch self {
            case .outage: .outage(scope)
            case .lost: .lost(scope)
            case .recovery: .recovery(scope)
            case .unexplained: .unexplained
            case .stall: .stall(scope)
            case .failedRequests: .failedRequests(scope)
            }
        }
    }

    /// A connection's or a site's name, with its place in the text.
    struct Name: Sendable, Equatable {
        var text: String
        var offset: Int
    }

    var path: String
    /// Where the text begins.
    var position: Position
    var text: String
    var kind: Kind
    /// nil for all connections.
    var name: Name?
    /// As `FlowDirection` has it; nil for both.
    var direction: String?
    var comparison: ExpectationPlan.Comparison
    var value: ExpectationPlan.Value

    /// Of something within the text. Where the file does not have it in one piece, that of the text has to do.
    func position(of offset: Int) -> Position { Position(line: position.line, column: position.column + offset) }
}

extension ExpectationEntry {
    static let form = Form<ExpectationEntry>(
        allowed: "an expectation such as outage(tokyo) <= 60 s, lost(osaka, to-site) == 0, recovered within 90 s or unexplained == 0",
        schema: [
            "type": "string",
            "description": .string(
                "QUANTITY(SCOPE) COMPARISON VALUE, or \"recovered within\" and a duration. The quantities: outage (by the frame-loss method) and recovery "
                    + "(from the first disruption on), each the longest of what is meant, lost (probes in outages), unexplained (lost probes that no "
                    + "counter explains), and of applications stall (the longest time without a message) and failed-requests. The scope: a connection's or a site's name, or all, then to-site or to-gateway. The comparisons: <, <=, ==, >=, >."
            ),
            "pattern": .string(ExpectationParser.pattern),
        ]
    ) { node, reading in
        let allowed = "an expectation such as outage(tokyo) <= 60 s or recovered within 90 s"
        guard case .scalar(let text) = node.content else {
            reading.report(at: node.position, node.path, found: node.kind, allowed: allowed)
            return nil
        }
        do throws(ExpectationParser.Problem) {
            var parser = ExpectationParser(text)
            var entry = try parser.parse()
            entry.path = node.path
            entry.position = node.textPosition ?? node.position
            // Without the text as it stands in the file there is no place within it.
            if node.textPosition == nil { entry.name?.offset = 0 }
            return entry
        } catch {
            let column = node.textPosition.map { $0.column + error.offset } ?? node.position.column
            reading.report(
                at: Position(line: node.position.line, column: column), node.path, found: "\(error.found) in \(quoted(text))",
                allowed: error.allowed)
            return nil
        }
    }
}
