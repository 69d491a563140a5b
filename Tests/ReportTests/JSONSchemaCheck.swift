import Foundation

/// Checks a JSON value against as much of JSON Schema 2020-12 as the report's schema uses, and refuses a schema that uses more.
struct JSONSchemaCheck {
    private let root: [String: Any]

    init(schema: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(schema.utf8)) as? [String: Any] ?? [:]
    }

    /// The violations, each with its place.
    func violations(in text: String) throws -> [String] {
        violations(of: root, in: try JSONSerialization.jsonObject(with: Data(text.utf8)), at: "report")
    }

    private func violations(of schema: [String: Any], in value: Any, at place: String) -> [String] {
        var found: [String] = []
        for (keyword, constraint) in schema {
            switch (keyword, constraint) {
            case ("$schema", _), ("title", _), ("description", _), ("$defs", _), ("properties", _): break
            case ("$ref", let reference as String):
                let definitions = root["$defs"] as? [String: Any]
                guard let definition = definitions?[String(reference.dropFirst("#/$defs/".count))] as? [String: Any] else {
                    found.append("\(place): \(reference) leads nowhere")
                    break
                }
                found += violations(of: definition, in: value, at: place)
            case ("const", let constant as String): if value as? String != constant { found.append("\(place): not \(constant)") }
            case ("enum", let values as [String]):
                if !values.contains(value as? String ?? "") { found.append("\(place): \(value) is none of \(values)") }
            case ("type", let type as String): if !has(value, type) { found.append("\(place): not of type \(type)") }
            case ("type", let types as [String]):
                if !types.contains(where: { has(value, $0) }) { found.append("\(place): of none of the types \(types)") }
            case ("minimum", let least as NSNumber):
                if let number = value as? NSNumber, number.doubleValue < least.doubleValue { found.append("\(place): too small") }
            case ("exclusiveMinimum", let least as NSNumber):
                if let number = value as? NSNumber, number.doubleValue <= least.doubleValue { found.append("\(place): too small") }
            case ("required", let keys as [String]):
                let object = value as? [String: Any] ?? [:]
                found += keys.filter { object[$0] == nil }.map { "\(place): \($0) is missing" }
            case ("items", let items as [String: Any]):
                for (index, item) in (value as? [Any] ?? []).enumerated() {
                    found += violations(of: items, in: item, at: "\(place)[\(index)]")
                }
            case ("additionalProperties", _): break
            default: found.append("\(place): this check does not know \(keyword)")
            }
        }
        let properties = schema["properties"] as? [String: Any] ?? [:]
        for (key, member) in value as? [String: Any] ?? [:] where schema["type"] as? String == "object" {
            if let known = properties[key] as? [String: Any] ?? schema["additionalProperties"] as? [String: Any] {
                found += violations(of: known, in: member, at: "\(place).\(key)")
            } else {
                found.append("\(place): \(key) is unknown")
            }
        }
        return found
    }

    private func has(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": value is Bool
        case "null": value is NSNull
        case "number": value is NSNumber
        case "integer": (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
        default: false
        }
    }
}
