/// What a value of the format looks like: one description from which values are read and the JSON Schema is published.
struct Form<Value: Sendable>: Sendable {
    /// What may stand there, for messages: "a duration such as 45ms".
    var allowed: String
    /// The schema; a reference when it is one of `definitions`.
    var schema: JSONValue
    /// What the schema refers to, its own references' definitions included.
    var definitions: [JSONValue.Member]
    private let readValue: @Sendable (YAMLNode, inout Reading) -> Value?

    /// - Parameter read: Reads a value; nil after having reported why there is none.
    init(
        allowed: String, schema: JSONValue, definitions: [JSONValue.Member] = [],
        read: @escaping @Sendable (YAMLNode, inout Reading) -> Value?
    ) {
        self.allowed = allowed
        self.schema = schema
        self.definitions = definitions
        readValue = read
    }

    /// A node's value; nil after having reported why there is none.
    func read(_ node: YAMLNode, _ reading: inout Reading) -> Value? {
        if case .rejected = node.content { return nil }
        return readValue(node, &reading)
    }

    /// The same form, its value with its path.
    var written: Form<Written<Value>> {
        Form<Written<Value>>(allowed: allowed, schema: schema, definitions: definitions) { [self] node, reading in
            read(node, &reading).map { Written(value: $0, path: node.path) }
        }
    }
}

// MARK: - Scalars

/// What the text of a scalar turned out to be.
enum Parsed<Value> {
    case value(Value)
    /// No value, and, where it helps, what is wrong: "a number without a unit".
    case problem(String?)
}

extension Form {
    /// - Parameter isSecret: The text is never part of a message.
    static func scalar(
        allowed: String, schema: JSONValue, isSecret: Bool = false, parse: @escaping @Sendable (String) -> Parsed<Value>
    ) -> Form {
        Form(allowed: allowed, schema: schema) { node, reading in
            guard case .scalar(let text) = node.content else {
                reading.report(at: node.position, node.path, found: node.kind, allowed: allowed)
                return nil
            }
            switch parse(text) {
            case .value(let value): return value
            case .problem(let problem):
                let found = isSecret ? problem ?? "another value" : quoted(text) + (problem.map { ", \($0)" } ?? "")
                reading.report(at: node.position, node.path, found: found, allowed: allowed)
                return nil
            }
        }
    }
}

// MARK: - Lists

extension Form {
    /// A list. Elements that are wrong are reported and left out.
    static func list<Element>(_ count: ClosedRange<Int>, of element: Form<Element>, named noun: String) -> Form where Value == [Element] {
        let allowed = "a list of \(count.lowerBound) to \(count.upperBound) \(noun)"
        let schema: JSONValue = [
            "type": "array", "items": element.schema, "minItems": .integer(count.lowerBound), "maxItems": .integer(count.upperBound),
        ]
        return Form(allowed: allowed, schema: schema, definitions: element.definitions) { node, reading in
            guard case .list(let nodes) = node.content else {
                reading.report(at: node.position, node.path, found: node.kind, allowed: allowed)
                return nil
            }
            if !count.contains(nodes.count) {
                reading.report(
                    at: node.position, node.path, found: nodes.isEmpty ? "an empty list" : "\(nodes.count) \(noun)", allowed: allowed)
            }
            return nodes.prefix(count.upperBound).compactMap { element.read($0, &reading) }
        }
    }
}

extension Form {
    /// A single element, or a list.
    static func oneOrList<Element>(_ count: ClosedRange<Int>, of element: Form<Element>, named noun: String) -> Form
    where Value == [Element] {
        let list = Form.list(count, of: element, named: noun)
        return Form(
            allowed: "\(element.allowed); or \(list.allowed)", schema: ["anyOf": [element.schema, list.schema]],
            definitions: element.definitions + list.definitions
        ) { node, reading in
            if case .list = node.content { return list.read(node, &reading) }
            return element.read(node, &reading).map { [$0] }
        }
    }
}

// MARK: - Mappings

/// A key of a mapping, of any type.
protocol FormatKey: Sendable {
    var name: String { get }
    var isRequired: Bool { get }
    var schema: JSONValue { get }
    var definitions: [JSONValue.Member] { get }
    var allowed: String { get }
    func read(_ node: YAMLNode, _ reading: inout Reading) -> (any Sendable)?
}

/// A key with the type of its value.
struct Key<Value: Sendable>: FormatKey {
    let name: String
    let isRequired: Bool
    let form: Form<Value>
    /// What it means and, in words, what is taken without it.
    let documentation: String

    static func required(_ name: String, _ form: Form<Value>, _ documentation: String) -> Key {
        Key(name: name, isRequired: true, form: form, documentation: documentation)
    }

    static func optional(_ name: String, _ form: Form<Value>, _ documentation: String) -> Key {
        Key(name: name, isRequired: false, form: form, documentation: documentation)
    }

    var schema: JSONValue { form.schema.adding([.init(name: "description", value: .string(documentation))]) }
    var definitions: [JSONValue.Member] { form.definitions }
    var allowed: String { form.allowed }

    func read(_ node: YAMLNode, _ reading: inout Reading) -> (any Sendable)? {
        form.read(node, &reading)
    }
}

/// The values a mapping was found to have.
struct Fields {
    /// The mapping's own path.
    let path: String
    fileprivate var values: [String: any Sendable] = [:]
    fileprivate let known: Set<String>

    /// A key's value; nil when the file has none or a wrong one.
    subscript<Value>(key: Key<Value>) -> Value? {
        assert(known.contains(key.name), "\(key.name) is read, but not listed")
        return values[key.name] as? Value
    }

    /// A key's value with its path.
    func written<Value>(_ key: Key<Value>) -> Written<Value>? {
        self[key].map { Written(value: $0, path: childPath(path, key.name)) }
    }
}

extension Form {
    /// A mapping. Unknown, missing and wrong keys are reported; the value is made of what is left.
    ///
    /// - Parameter isSecret: Keys that are like none of the known ones may be a secret with its colon missing, and are not shown.
    static func mapping(
        _ name: String, _ documentation: String, keys: [any FormatKey], isSecret: Bool = false,
        make: @escaping @Sendable (Fields) -> Value
    ) -> Form {
        let names = keys.map(\.name)
        let required = keys.filter(\.isRequired).map(\.name)
        var members: [JSONValue.Member] = [
            .init(name: "description", value: .string(documentation)), .init(name: "type", value: "object"),
            .init(name: "properties", value: .object(keys.map { .init(name: $0.name, value: $0.schema) })),
            .init(name: "additionalProperties", value: false),
        ]
        if !required.isEmpty { members.append(.init(name: "required", value: .array(required.map(JSONValue.string)))) }
        let allowed = "a mapping with " + alternatives(names)
        return Form(
            allowed: allowed, schema: ["$ref": .string("#/$defs/\(name)")],
            definitions: keys.flatMap(\.definitions) + [.init(name: name, value: .object(members))]
        ) { node, reading in
            guard case .mapping(let entries) = node.content else {
                reading.report(at: node.position, node.path, found: node.kind, allowed: allowed)
                return nil
            }
            var fields = Fields(path: node.path, known: Set(names))
            for entry in entries {
                guard let key = keys.first(where: { $0.name == entry.key }) else {
                    let meant = likelyMeant(entry.key, among: names)
                    let hint = meant.map { " (did you mean \"\($0)\"?)" } ?? ""
                    reading.report(
                        at: entry.position, entry.value.path,
                        found: isSecret && meant == nil ? "an unknown key" : "the unknown key \(quoted(entry.key))\(hint)",
                        allowed: alternatives(names))
                    continue
                }
                fields.values[key.name] = key.read(entry.value, &reading)
            }
            for key in keys where key.isRequired && !entries.contains(where: { $0.key == key.name }) {
                reading.report(at: node.position, childPath(node.path, key.name), found: "no such key", allowed: key.allowed)
            }
            return make(fields)
        }
    }

    /// Mappings of several kinds, told by the words of one key.
    static func tagged(by tag: String, _ kinds: [(words: String, form: Form)]) -> Form {
        let words = kinds.map(\.words)
        let allowed = "a mapping with \"\(tag)\": \(alternatives(words))"
        return Form(
            allowed: allowed, schema: ["anyOf": .array(kinds.map(\.form.schema))], definitions: kinds.flatMap(\.form.definitions)
        ) { node, reading in
            guard case .mapping(let entries) = node.content else {
                reading.report(at: node.position, node.path, found: node.kind, allowed: allowed)
                return nil
            }
            guard let entry = entries.first(where: { $0.key == tag }) else {
                let hint = entries.compactMap { entry in likelyMeant(entry.key, among: [tag]).map { _ in quoted(entry.key) } }.first
                reading.report(
                    at: node.position, childPath(node.path, tag), found: "no such key" + (hint.map { " (but \($0))" } ?? ""),
                    allowed: alternatives(words))
                return nil
            }
            guard let word = Form<String>.choice(words.map { ($0, $0) }).read(entry.value, &reading) else { return nil }
            return kinds.first { $0.words == word }?.form.read(node, &reading)
        }
    }

    /// A word that stands for a value, or a mapping.
    static func word(_ word: String, _ value: Value, orMapping mapping: Form) -> Form {
        let allowed = "\(word); or \(mapping.allowed)"
        let words = scalar(allowed: allowed, schema: ["enum": [.string(word)]]) { $0 == word ? .value(value) : .problem(nil) }
        return Form(
            allowed: allowed, schema: ["anyOf": [words.schema, mapping.schema]], definitions: mapping.definitions
        ) { node, reading in
            guard case .mapping = node.content else { return words.read(node, &reading) }
            return mapping.read(node, &reading)
        }
    }

    /// One form, or another that is told by its keys.
    static func either(_ form: Form, orWithKeys keys: Set<String>, _ other: Form) -> Form {
        Form(
            allowed: "\(form.allowed); or \(other.allowed)", schema: ["anyOf": [form.schema, other.schema]],
            definitions: form.definitions + other.definitions
        ) { node, reading in
            guard case .mapping = node.content else { return form.read(node, &reading) }
            return (node.hasKey(in: keys) ? other : form).read(node, &reading)
        }
    }
}
