import Yams

/// Reads a YAML text into nodes with their paths and positions, and says what of YAML is no part of the format.
///
/// The only file that knows the YAML library.
struct YAMLDocument {
    private var text: YAMLText
    /// Keys that were changed so that the parser could go on after a duplicate, with their true names.
    private var renamed: [Position: String] = [:]

    /// What the file should be, for messages: "a topology, which begins with …".
    private let expected: String

    /// - Returns: The root; nil when the text is no YAML document, which is then reported.
    static func read(_ text: String, expected: String, into reading: inout Reading) -> YAMLNode? {
        guard text.utf8.count <= YAMLText.largestSize else {
            reading.report(at: .start, "", found: "a file of \(text.utf8.count) bytes", allowed: "at most \(YAMLText.largestSize) bytes")
            return nil
        }
        var document = YAMLDocument(text: YAMLText(text), expected: expected)
        return document.parse(into: &reading)
    }

    private init(text: YAMLText, expected: String) {
        self.text = text
        self.expected = expected
    }

    /// How often the parser is started again to find more duplicate keys.
    private static let mostRenamings = 32
    /// Aliases multiply what the parser must compare: a text with more than these is not given to it.
    private static let mostPossibleAliases = 16

    private mutating func parse(into reading: inout Reading) -> YAMLNode? {
        if let (position, scalar) = text.firstForbidden {
            reading.report(
                at: position, "", found: "the character U+" + String(scalar.value, radix: 16, uppercase: true),
                allowed: "printable characters, spaces and line breaks")
            return nil
        }
        let aliases = text.possibleAliases
        if aliases.count > Self.mostPossibleAliases {
            reading.report(at: aliases[0], "", found: "\(aliases.count) aliases (*name)", allowed: "values written out")
            return nil
        }
        while true {
            do {
                // No implicit types: every scalar stays text. The parser holds the anchors, which nodes refer to weakly.
                let parser = try Parser(yaml: text.string, resolver: .basic, encoding: .utf8)
                let root = try parser.singleRoot()
                return withExtendedLifetime(parser) {
                    guard let root else {
                        reading.report(at: .start, "", found: "an empty file", allowed: expected)
                        return nil
                    }
                    return convert(root, path: "", into: &reading)
                }
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                let position = Position(context.mark)
                guard renamed.count < Self.mostRenamings, rename(at: position) else {
                    reading.report(at: position, "", found: "a key that its mapping has twice", allowed: "each key once")
                    return nil
                }
            } catch {
                report(error, into: &reading)
                return nil
            }
        }
    }

    /// Gives the key at a position a name no other key has, of the same width.
    private mutating func rename(at position: Position) -> Bool {
        guard renamed[position] == nil, var index = text.index(of: position) else { return false }
        if text[index] == "\"" || text[index] == "'" { index += 1 }
        guard index < text.scalars.count, text[index] == "_" || text[index].properties.isAlphabetic else { return false }
        renamed[position] = String(text[index])
        guard let unused = Unicode.Scalar(0xe000 + UInt32(renamed.count)) else { return false }
        text[index] = unused
        return true
    }

    // MARK: - From the library's nodes

    private func convert(_ node: Node, path: String, into reading: inout Reading) -> YAMLNode {
        let position = node.mark.map(Position.init) ?? .start
        reading.record(position, of: path)
        var result = YAMLNode(path: path, position: position, content: content(of: node, path: path, position, into: &reading))
        if case .scalar(let scalar) = node { result.textPosition = textPosition(of: scalar, at: position) }
        return result
    }

    private func content(of node: Node, path: String, _ position: Position, into reading: inout Reading) -> YAMLNode.Content {
        if node.anchor != nil {
            // An anchor's content is not looked into, so that aliases cannot multiply the work.
            reading.report(at: position, path, found: "an anchor (&name) or alias (*name)", allowed: "values written out")
            return .rejected
        }
        switch node {
        case .scalar(let scalar) where Self.isUntagged(scalar):
            return scalar.style == .plain && scalar.string.isEmpty ? .nothing : .scalar(scalar.string)
        case .sequence(let sequence) where sequence.tag.description.isEmpty:
            return .list(sequence.enumerated().map { convert($1, path: "\(path)[\($0)]", into: &reading) })
        case .mapping(let mapping) where mapping.tag.description.isEmpty:
            return .mapping(entries(of: mapping, path: path, into: &reading))
        case .alias:
            reading.report(at: position, path, found: "an alias (*name)", allowed: "values written out")
            return .rejected
        case .scalar, .sequence, .mapping:
            reading.report(at: position, path, found: "a tag (!name)", allowed: "values without a tag")
            return .rejected
        }
    }

    private func textPosition(of scalar: Node.Scalar, at position: Position) -> Position? {
        let isQuoted = scalar.style == .doubleQuoted || scalar.style == .singleQuoted
        let start = Position(line: position.line, column: position.column + (isQuoted ? 1 : 0))
        return text.has(scalar.string, at: start) ? start : nil
    }

    private func entries(of mapping: Node.Mapping, path parent: String, into reading: inout Reading) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let position = keyNode.mark.map(Position.init) ?? .start
            guard case .scalar(let scalar) = keyNode, scalar.anchor == nil else {
                reading.report(at: position, parent, found: "a key that is not a single word", allowed: "a key such as \"name\"")
                continue
            }
            let key = renamed[position].map { $0 + String(scalar.string.unicodeScalars.dropFirst()) } ?? scalar.string
            let keyPath = isHidden(key, below: parent) ? parent : childPath(parent, key)
            if let line = lines[key] {
                // The key itself is shown only by its path: under a secret's key it may be the secret.
                reading.report(at: position, keyPath, found: "a key that its mapping has already in line \(line)", allowed: "each key once")
            } else {
                lines[key] = position.line
                entries.append(YAMLEntry(key: key, position: position, value: convert(valueNode, path: keyPath, into: &reading)))
            }
        }
        return entries
    }

    /// Whether a key may be a secret in the wrong place, so that no path may have it.
    private func isHidden(_ key: String, below parent: String) -> Bool {
        ConnectionEntry.words(below: parent).map { likelyMeant(key, among: $0) == nil } ?? false
    }

    /// Text in quotes has the tag of strings from the library.
    private static func isUntagged(_ scalar: Node.Scalar) -> Bool {
        scalar.tag.description.isEmpty || (scalar.style != .plain && scalar.tag.description == Tag.Name.str.rawValue)
    }

    // MARK: - The library's errors

    private func report(_ error: any Error, into reading: inout Reading) {
        guard let error = error as? YamlError else {
            reading.report(at: .start, "", found: "a text that cannot be parsed", allowed: "YAML")
            return
        }
        switch error {
        case .composer(_, "but found another document", let mark, _):
            reading.report(at: Position(mark), "", found: "a second document", allowed: "one document in a file")
        case .composer(_, let problem, let mark, _), .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            report(problem, at: Position(mark), into: &reading)
        case .memory:
            reading.report(at: .start, "", found: "a file that does not fit the memory", allowed: "a smaller file")
        default:
            reading.report(at: .start, "", found: "a text that cannot be parsed", allowed: "YAML")
        }
    }

    private func report(_ problem: String, at parserPosition: Position, into reading: inout Reading) {
        let position = text.clamped(parserPosition)
        let isTab = text.index(of: position).map { text[$0] == "\t" } ?? false
        switch problem {
        case _ where isTab:
            reading.report(at: position, "", found: "a tab", allowed: "spaces as indentation")
        case "found undefined alias":
            reading.report(at: position, "", found: "an alias (*name)", allowed: "values written out")
        case _ where problem.hasPrefix("Maximum nesting level"):
            reading.report(at: position, "", found: "values nested too deep", allowed: "the keys of the format, at most seven deep")
        default:
            reading.report(at: position, "", found: "no valid YAML (\(problem))", allowed: "YAML: \"key: value\" lines, indented by spaces")
        }
    }
}

extension Position {
    fileprivate init(_ mark: Mark) {
        self.init(line: max(mark.line, 1), column: max(mark.column, 1))
    }
}
