import LabPlan

/// Reads the text of an expectation:
///
///     expectation = "recovered" "within" duration
///                 | quantity [ "(" scope ")" ] comparison value
///     quantity    = "outage" | "lost" | "recovery" | "unexplained" | "stall" | "failed-requests"
///     scope       = name | "all", [ "," ( "to-site" | "to-gateway" ) ]
///
/// Between any two of them there may be spaces, also between a number and its unit.
struct ExpectationParser {
    /// What is wrong, and where in the text, in scalars from its start.
    struct Problem: Error {
        var offset: Int
        var found: String
        var allowed: String
    }

    static let pattern =
        #"^(recovered +within +[0-9.]+ *(us|ms|s|min|h)|(outage|lost|recovery|unexplained|stall|failed-requests) *(\([^()]*\))? *(<|<=|==|>=|>) *[0-9.]+ *(us|ms|s|min|h)?)$"#

    private let text: String
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(Problem) -> ExpectationEntry {
        let start = index
        let word = takeWord()
        if word == "recovered" {
            try expectWord("within")
            let value = try takeDuration()
            return entry(.recovery, comparison: .atMost, value: .duration(value))
        }
        guard let kind = ExpectationEntry.Kind(rawValue: word) else {
            throw unknown(word, at: start, among: ExpectationEntry.Kind.allCases.map(\.rawValue) + ["recovered within"])
        }
        let scope = try takeScope(of: kind)
        let comparison = try takeComparison()
        let value: ExpectationPlan.Value =
            switch kind {
            case .outage, .recovery, .stall: .duration(try takeDuration())
            case .lost, .unexplained, .failedRequests: .count(try takeCount())
            }
        var entry = entry(kind, comparison: comparison, value: value)
        entry.name = scope.name
        entry.direction = scope.direction
        return entry
    }

    private func entry(
        _ kind: ExpectationEntry.Kind, comparison: ExpectationPlan.Comparison, value: ExpectationPlan.Value
    ) -> ExpectationEntry {
        ExpectationEntry(path: "", position: .start, text: text, kind: kind, comparison: comparison, value: value)
    }

    // MARK: - Parts

    /// The words of directions, and what `FlowDirection` calls them.
    private static let directions = ["to-site": "gateway-to-site", "to-gateway": "site-to-gateway"]

    private mutating func takeScope(
        of kind: ExpectationEntry.Kind
    ) throws(Problem) -> (name: ExpectationEntry.Name?, direction: String?) {
        skipSpaces()
        guard next == "(" else { return (nil, nil) }
        guard kind != .unexplained else {
            throw Problem(offset: index, found: "a scope", allowed: "a comparison: unexplained counts the probes of all connections")
        }
        index += 1
        skipSpaces()
        let start = index
        let name = takeWord()
        guard !name.isEmpty else {
            throw Problem(offset: start, found: rest, allowed: "a connection's or a site's name, or all")
        }
        var direction: String?
        skipSpaces()
        if next == "," {
            guard kind != .failedRequests else {
                throw Problem(
                    offset: index, found: "a direction", allowed: "\")\": requests are the site's, and their answers belong to them")
            }
            index += 1
            skipSpaces()
            let start = index
            let word = takeWord()
            guard let known = Self.directions[word] else { throw unknown(word, at: start, among: Self.directions.keys.sorted()) }
            direction = known
            skipSpaces()
        }
        guard next == ")" else {
            throw Problem(offset: index, found: rest, allowed: direction == nil ? "\",\" with a direction, or \")\"" : "\")\"")
        }
        index += 1
        return (name == "all" ? nil : ExpectationEntry.Name(text: name, offset: start), direction)
    }

    private mutating func takeComparison() throws(Problem) -> ExpectationPlan.Comparison {
        skipSpaces()
        let start = index
        let signs = take { "<>=!".unicodeScalars.contains($0) }
        guard let comparison = ExpectationPlan.Comparison(rawValue: signs) else {
            let meant = ["=": "==", "=<": "<=", "=>": ">="][signs].map { " (did you mean \"\($0)\"?)" } ?? ""
            throw Problem(
                offset: start, found: (signs.isEmpty ? rest : quoted(signs)) + meant,
                allowed: alternatives(ExpectationPlan.Comparison.allCases.map(\.rawValue)))
        }
        return comparison
    }

    private mutating func takeDuration() throws(Problem) -> Duration {
        skipSpaces()
        let start = index
        let number = take { ("0"..."9").contains($0) || $0 == "." }
        skipSpaces()
        let unit = take { $0 != " " }
        try expectEnd()
        let allowed = "a duration such as 1500ms, 60 s or 45min"
        switch DurationText.parse(number + unit) {
        case .value(let duration): return duration
        case .problem(let problem):
            let found = number.isEmpty && unit.isEmpty ? "nothing" : quoted(number + unit) + (problem.map { ", \($0)" } ?? "")
            throw Problem(offset: start, found: found, allowed: allowed)
        }
    }

    private mutating func takeCount() throws(Problem) -> Int {
        skipSpaces()
        let start = index
        let word = take { $0 != " " }
        try expectEnd()
        guard word.utf8.count <= 12, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(word) else {
            throw Problem(
                offset: start, found: word.isEmpty ? "nothing" : quoted(word), allowed: "a whole number, in decimal digits")
        }
        return count
    }

    // MARK: - Scalars

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    /// What is left, for messages.
    private var rest: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[index...])
        return view.isEmpty ? "nothing" : quoted(String(view))
    }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        var view = String.UnicodeScalarView()
        while let scalar = next, isPart(scalar) {
            view.append(scalar)
            index += 1
        }
        return String(view)
    }

    private mutating func skipSpaces() { _ = take { $0 == " " } }

    /// A name or a keyword.
    private mutating func takeWord() -> String {
        take { ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" || $0 == "." }
    }

    private mutating func expectWord(_ wanted: String) throws(Problem) {
        skipSpaces()
        let start = index
        let word = takeWord()
        guard word == wanted else { throw Problem(offset: start, found: word.isEmpty ? rest : quoted(word), allowed: wanted) }
    }

    private mutating func expectEnd() throws(Problem) {
        skipSpaces()
        guard next == nil else { throw Problem(offset: index, found: rest, allowed: "nothing more") }
    }

    private func unknown(_ word: String, at offset: Int, among words: [String]) -> Problem {
        let meant = likelyMeant(word, among: words).map { " (did you mean \"\($0)\"?)" } ?? ""
        return Problem(offset: offset, found: (word.isEmpty ? rest : quoted(word)) + meant, allowed: alternatives(words))
    }
}
