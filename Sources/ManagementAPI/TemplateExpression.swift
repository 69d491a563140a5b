/// An expression of a template (Microsoft Learn, "Template functions"): calls, texts and whole numbers. Others are not understood.
indirect enum TemplateExpression: Equatable {
    case text(String)
    case number(Int64)
    case call(String, [TemplateExpression])

    /// nil for what is no expression of these.
    ///
    /// - Parameter text: without the brackets around it.
    init?(parsing text: Substring) {
        var parser = Parser(rest: text)
        guard let expression = parser.expression(depth: 0) else { return nil }
        parser.skipSpace()
        guard parser.rest.isEmpty else { return nil }
        self = expression
    }

    private struct Parser {
        var rest: Substring

        static let greatestDepth = 16

        mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

        mutating func take(_ character: Character) -> Bool {
            skipSpace()
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        mutating func expression(depth: Int) -> TemplateExpression? {
            guard depth < Self.greatestDepth else { return nil }
            if take("'") { return quoted().map { .text($0) } }
            let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            rest = rest[word.endIndex...]
            guard !word.isEmpty else { return nil }
            if let number = Int64(word) { return .number(number) }
            guard take("(") else { return nil }
            var arguments: [TemplateExpression] = []
            if take(")") { return .call(word.lowercased(), []) }
            while let argument = expression(depth: depth + 1) {
                arguments.append(argument)
                if take(")") { return .call(word.lowercased(), arguments) }
                guard take(",") else { return nil }
            }
            return nil
        }

        /// Up to the quotation mark at its end; two of them are one.
        private mutating func quoted() -> String? {
            var text = ""
            while let end = rest.firstIndex(of: "'") {
                text += rest[..<end]
                rest = rest[rest.index(after: end)...]
                guard rest.first == "'" else { return text }
                text += "'"
                rest.removeFirst()
            }
            return nil
        }
    }
}
