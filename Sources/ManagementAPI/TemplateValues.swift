/// What a template's expressions are worth, as far as the template and a deployment's parameters say it: parameters, variables, and the
/// functions that put names together.
public struct TemplateValues {
    private let parameters: [String: JSONValue]
    private let variables: [String: JSONValue]
    /// Values that refer to values multiply: no more than this many are worked out.
    private var remaining = 1_000_000

    private static let greatestDepth = 8
    private static let longestText = 4_096

    /// - Parameter given: a deployment's `parameters`, which go before the template's default values.
    public init(of template: JSONValue, given: JSONValue? = nil) {
        func values(_ parameters: JSONValue?, _ member: String) -> [String: JSONValue] {
            Self.members(of: parameters).compactMapValues { $0[member] == .null ? nil : $0[member] }
        }
        parameters = values(template["parameters"], "defaultValue").merging(values(given, "value")) { $1 }
        variables = Self.members(of: template["variables"])
    }

    private static func members(of value: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members)? = value else { return [:] }
        return Dictionary(members.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    }

    /// The value with its expressions worked out; those that cannot be are marked (`unresolvedExpression`).
    public mutating func resolved(_ value: JSONValue) -> JSONValue { resolved(value, depth: 0) }

    private mutating func resolved(_ value: JSONValue, depth: Int) -> JSONValue {
        if depth > 0 { remaining -= 1 }
        switch value {
        case .string(let text):
            guard text.hasPrefix("["), text.hasSuffix("]") else { return value }
            if text.hasPrefix("[[") { return .string(String(text.dropFirst())) }
            guard let expression = TemplateExpression(parsing: text.dropFirst().dropLast()), let result = evaluate(expression, depth) else {
                return .unresolved(text)
            }
            return result
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(resolved(element, depth: depth)) }
            return .array(result)
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, member) in members { result[name] = resolved(member, depth: depth) }
            return .object(result)
        default: return value
        }
    }

    private mutating func evaluate(_ expression: TemplateExpression, _ depth: Int) -> JSONValue? {
        remaining -= 1
        guard remaining > 0, depth < Self.greatestDepth else { return nil }
        guard case .call(let function, let arguments) = expression else {
            return switch expression {
            case .number(let number): .integer(number)
            case .text(let text): .string(text)
            case .call: nil
            }
        }
        var values: [JSONValue] = []
        for argument in arguments {
            guard let value = evaluate(argument, depth) else { return nil }
            values.append(value)
        }
        switch (function, values.first?.string) {
        case ("parameters", let name?) where values.count == 1: return worth(parameters[name.lowercased()], depth)
        case ("variables", let name?) where values.count == 1: return worth(variables[name.lowercased()], depth)
        default: return Self.text(function, values).flatMap { $0.utf8.count <= Self.longestText ? .string($0) : nil }
        }
    }

    private mutating func worth(_ value: JSONValue?, _ depth: Int) -> JSONValue? {
        guard let value else { return nil }
        let result = resolved(value, depth: depth + 1)
        return result.unresolvedExpression == nil ? result : nil
    }

    private static func text(_ function: String, _ values: [JSONValue]) -> String? {
        let texts = values.compactMap { $0.string ?? $0.integer.map(String.init) }
        guard texts.count == values.count, let first = texts.first else { return nil }
        switch function {
        case "concat": return texts.joined()
        case "tolower" where texts.count == 1: return first.lowercased()
        case "format":
            // Placeholders of a text alone, without a format of their own.
            return texts.dropFirst().enumerated().reduce(first) { $0.replacing("{\($1.offset)}", with: $1.element) }
        case "resourceid": return resourceID(texts)
        default: return nil
        }
    }

    /// `resourceId([subscription], [group], 'Microsoft.Network/type/part', 'name', 'name of the part')`.
    private static func resourceID(_ texts: [String]) -> String? {
        guard let index = texts.firstIndex(where: { $0.contains("/") }), index <= 2 else { return nil }
        let types = texts[index].split(separator: "/")
        let names = texts[(index + 1)...]
        guard types.count >= 2, types.count - 1 == names.count else { return nil }
        let scope = zip(["resourceGroups", "subscriptions"], texts[..<index].reversed()).map { "/\($0)/\($1)" }.reversed().joined()
        return scope + "/providers/\(types[0])" + zip(types.dropFirst(), names).map { "/\($0)/\($1)" }.joined()
    }
}

extension JSONValue {
    private static let mark = "\u{0}expression"

    /// An expression whose value the template does not have. No JSON of a resource has a member of that name.
    static func unresolved(_ expression: String) -> JSONValue { .object([mark: .string(expression)]) }

    public var unresolvedExpression: String? {
        guard case .object(let members) = self else { return nil }
        return members[Self.mark]?.string
    }

    /// Where in a value an expression stands that could not be worked out, and which; nil for nowhere.
    var firstUnresolved: (path: String, expression: String)? {
        if let expression = unresolvedExpression { return ("", expression) }
        let parts: [(String, JSONValue)] =
            switch self {
            case .object(let members): members.sorted { $0.key < $1.key }.map { (".\($0.key)", $0.value) }
            case .array(let elements): elements.enumerated().map { ("[\($0.offset)]", $0.element) }
            default: []
            }
        for (name, part) in parts {
            if let found = part.firstUnresolved { return (name + found.path, found.expression) }
        }
        return nil
    }
}
