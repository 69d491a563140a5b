/// The two kinds of names there are: of namespaces, and of resources as the management API has them.
enum NameRule: Sendable {
    /// Lower-case letters, digits and hyphens, a letter first.
    case node(longest: Int)
    /// Letters, digits, dots, hyphens and underscores, a letter or digit first.
    case resource(longest: Int)

    /// Of a lab: part of every namespace's name.
    static let lab = NameRule.node(longest: 20)
    static let site = NameRule.node(longest: 40)
    /// Of a gateway or connection.
    static let gateway = NameRule.resource(longest: 80)

    var allowed: String {
        switch self {
        case .node(let longest): "lower-case letters, digits and hyphens, a letter first, at most \(longest) characters"
        case .resource(let longest): "letters, digits, \".\", \"-\" and \"_\", a letter or digit first, at most \(longest) characters"
        }
    }

    var pattern: String {
        switch self {
        case .node(let longest): "^[a-z][a-z0-9-]{0,\(longest - 1)}$"
        case .resource(let longest): "^[A-Za-z0-9][A-Za-z0-9._-]{0,\(longest - 1)}$"
        }
    }

    /// What is wrong with a name; nil for nothing.
    func problem(of name: String) -> String? {
        if name.isEmpty { return "an empty name" }
        if name.utf8.count > longest { return "\(name.unicodeScalars.count) characters" }
        if let scalar = name.unicodeScalars.first(where: { !isAllowed($0) }) { return "with \(quoted(String(scalar)))" }
        guard let first = name.unicodeScalars.first, isAllowedFirst(first) else { return "with a wrong first character" }
        return nil
    }

    private var longest: Int {
        switch self {
        case .node(let longest), .resource(let longest): longest
        }
    }

    private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch (self, scalar) {
        case (_, "a"..."z"), (_, "0"..."9"), (_, "-"), (.resource, "A"..."Z"), (.resource, "."), (.resource, "_"): true
        default: false
        }
    }

    private func isAllowedFirst(_ scalar: Unicode.Scalar) -> Bool {
        switch (self, scalar) {
        case (_, "a"..."z"), (.resource, "A"..."Z"), (.resource, "0"..."9"): true
        default: false
        }
    }
}

extension Form where Value == String {
    /// - Parameter isSecret: A name beside a secret: when a quote or a line break is missing, it may end up here.
    static func name(_ rule: NameRule, isSecret: Bool = false) -> Form {
        .scalar(allowed: rule.allowed, schema: ["type": "string", "pattern": .string(rule.pattern)], isSecret: isSecret) { text in
            rule.problem(of: text).map { .problem($0) } ?? .value(text)
        }
    }
}

extension Form where Value == Bool {
    /// Nothing that merely looks like one: no `yes`, no `on`, no capitals.
    static var boolean: Form { .choice([("true", true), ("false", false)], schema: ["type": "boolean"]) }
}

extension Form where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the type's own words.
    ///
    /// - Parameter unsupported: Words that others know, with the reason why they are no choice here.
    static func choice(_ type: Value.Type, unsupported: [String: String] = [:]) -> Form {
        .choice(type.allCases.map { ($0.rawValue, $0) }, unsupported: unsupported)
    }
}

extension Form {
    /// - Parameter schema: What to publish instead of the words, where they are no strings in JSON.
    static func choice(_ choices: [(word: String, value: Value)], unsupported: [String: String] = [:], schema: JSONValue? = nil) -> Form {
        let words = choices.map(\.word)
        return .scalar(allowed: alternatives(words), schema: schema ?? ["enum": .array(words.map(JSONValue.string))]) { text in
            if let choice = choices.first(where: { $0.word == text }) { return .value(choice.value) }
            if let reason = unsupported[text] { return .problem(reason) }
            return .problem(likelyMeant(text, among: words).map { "did you mean \"\($0)\"?" })
        }
    }
}
