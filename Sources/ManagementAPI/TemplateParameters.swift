// Templates of resources: their parameters, and the expressions that name them.

extension JSONValue {
    /// By lower-case name what parameters have for values.
    ///
    /// - Parameters:
    ///   - parameters: a template's, or those of a deployment.
    ///   - member: `defaultValue` for the former, `value` for the latter.
    public static func parameterValues(_ parameters: JSONValue?, member: String) -> [String: JSONValue] {
        guard case .object(let members)? = parameters else { return [:] }
        return members.reduce(into: [:]) { values, parameter in
            if let value = parameter.value[member], value != .null { values[parameter.key.lowercased()] = value }
        }
    }

    /// With every `[parameters('x')]` replaced by the parameter's value, and by its quoted text within another expression; all else stays as it is.
    public func resolving(_ parameters: [String: JSONValue]) -> JSONValue {
        switch self {
        case .string(let text): Self.parameter(in: text).flatMap { parameters[$0.lowercased()] } ?? .string(Self.inlined(text, parameters))
        case .array(let elements): .array(elements.map { $0.resolving(parameters) })
        case .object(let members): .object(members.mapValues { $0.resolving(parameters) })
        default: self
        }
    }

    private static let start = "parameters('"

    /// The parameter's name where the text is nothing but that.
    private static func parameter(in text: String) -> String? {
        let (head, end) = ("[" + start, "')]")
        guard text.hasPrefix(head), text.hasSuffix(end), text.count > head.count + end.count else { return nil }
        let name = text.dropFirst(head.count).dropLast(end.count)
        return name.contains("'") ? nil : String(name)
    }

    private static func inlined(_ text: String, _ parameters: [String: JSONValue]) -> String {
        guard text.hasPrefix("["), text.contains(start) else { return text }
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: start), let end = rest[range.upperBound...].firstIndex(of: "'") {
            result += rest[..<range.lowerBound]
            let name = rest[range.upperBound..<end]
            let after = rest.index(after: end)
            if let value = parameters[name.lowercased()]?.string, after < rest.endIndex, rest[after] == ")" {
                result += "'\(value)'"
                rest = rest[rest.index(after: after)...]
            } else {
                result += rest[range.lowerBound..<after]
                rest = rest[after...]
            }
        }
        return result + rest
    }

    /// The name at the end of an id or of a template's `resourceId(…)` expression.
    public var referencedName: String? {
        guard let text = (self["id"] ?? self).string else { return nil }
        guard text.hasPrefix("[") else { return text.split(separator: "/").last.map(String.init) }
        // The last quoted text is the name.
        return text.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { !$0.offset.isMultiple(of: 2) }.last.map {
            String($0.element)
        }
    }
}
