import ManagementAPI

/// A value of a resource, and where it stands: `connections VNet1toSite1 (connections.json): dpdTimeoutSeconds`.
///
/// What has another type than is asked for is a problem, never nothing.
struct Member {
    /// nil for none, which null is too.
    let value: JSONValue?
    private let resource: String
    private let path: String

    init(_ value: JSONValue?, of resource: String, path: String = "") {
        self.value = value == .null ? nil : value
        self.resource = resource
        self.path = path
    }

    var place: String { path.isEmpty ? resource : "\(resource): \(path)" }

    /// A member, or one of `properties`, whatever the case of its name.
    subscript(name: String) -> Member {
        let found = [value?[name], value?["properties"]?[name]].compactMap(\.self).first { $0 != .null }
        return Member(found, of: resource, path: path.isEmpty ? name : "\(path).\(name)")
    }

    func text(_ findings: inout Findings) -> String? {
        read("a text", &findings) { $0.string }
    }

    func flag(_ findings: inout Findings) -> Bool? {
        read("true or false", &findings) { if case .bool(let value) = $0 { value } else { nil } }
    }

    func integer(_ findings: inout Findings) -> Int64? {
        read("a whole number", &findings) { $0.integer }
    }

    /// Empty for none.
    func elements(_ findings: inout Findings) -> [Member] {
        let elements = read("a list", &findings) { $0.elements } ?? []
        return elements.enumerated().map { Member($0.element, of: resource, path: "\(path)[\($0.offset)]") }
    }

    /// Those of a list of objects.
    func objects(_ findings: inout Findings) -> [Member] {
        elements(&findings).filter { element in
            if case .object? = element.value, element.value?.unresolvedExpression == nil { return true }
            findings.problem("\(element.place): found \(element.value.found); allowed: an object")
            return false
        }
    }

    /// Those of a list of texts.
    func texts(_ findings: inout Findings) -> [String] {
        elements(&findings).compactMap { element in
            guard let value = element.value else {
                findings.problem("\(element.place): found null; allowed: a text")
                return nil
            }
            return Member(value, of: resource, path: element.path).text(&findings)
        }
    }

    private func read<Value>(_ allowed: String, _ findings: inout Findings, _ convert: (JSONValue) -> Value?) -> Value? {
        guard let value else { return nil }
        if let result = convert(value) { return result }
        findings.problem("\(place): found \(value.found); allowed: \(allowed)")
        return nil
    }
}

extension JSONValue {
    /// Whether it says anything: not null, false, 0, nothing, or a list or object of only these.
    var isSet: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let text): !text.isEmpty && text.lowercased() != "none"
        case .array(let elements): elements.contains(where: \.isSet)
        case .object(let members): members.values.contains(where: \.isSet)
        }
    }

    /// What stands there, for messages: never a text itself.
    var found: String {
        if let expression = unresolvedExpression { return "\(expression), whose value is not in the file" }
        return switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue? {
    fileprivate var found: String { self?.found ?? "null" }
}
