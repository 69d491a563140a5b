import ManagementAPI

/// A resource as one of the service's tools has printed it: with its properties apart (REST, SDK, templates) or among the other members (az).
struct ExportedResource {
    enum Kind: String, CaseIterable {
        case gateway = "virtualNetworkGateways"
        case connection = "connections"
        case localGateway = "localNetworkGateways"
        case network = "virtualNetworks"
        case publicAddress = "publicIPAddresses"
    }

    var kind: Kind
    var name: String
    var value: JSONValue
    /// The file that it comes from.
    var file: String

    /// A member, of the resource or of its properties, whatever the case of its name.
    subscript(name: String) -> JSONValue? { value.member(name) }

    /// For messages: `virtualNetworkGateways VNet1GW (gateway.json)`.
    var description: String { "\(kind.rawValue) \(name) (\(file))" }
}

extension JSONValue {
    /// A member, or one of `properties`; null is none.
    func member(_ name: String) -> JSONValue? {
        for value in [self[name], self["properties"]?[name]] {
            if let value, value != .null { return value }
        }
        return nil
    }

    /// The name at the end of an id or of a template's `resourceId(…)` expression.
    var referencedName: String? {
        guard let text = (member("id") ?? self).string else { return nil }
        guard text.hasPrefix("[") else { return text.split(separator: "/").last.map(String.init) }
        // The last quoted text is the name, or the parameter that it is in.
        return text.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { !$0.offset.isMultiple(of: 2) }.last.map {
            String($0.element)
        }
    }

    var strings: [String]? { elements.map { $0.compactMap(\.string) } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}

/// Takes exports apart into resources.
struct ExportReader {
    private(set) var resources: [ExportedResource] = []
    /// What was in the files and is not used, in words.
    private(set) var remarks: [String] = []

    /// - Throws: `ImportError` for what is no JSON, or has no resource in it.
    mutating func read(_ bytes: [UInt8], file: String) throws {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ImportError([
                "\(file): found no JSON, or only a part of it; allowed: what az … show, az … list or an exported template prints"
            ])
        }
        let before = resources.count
        collect(value, file: file)
        guard resources.count > before else {
            throw ImportError([
                "\(file): found no gateway, connection, local gateway, virtual network or public address; allowed: what az … show, az … list or an "
                    + "exported template prints"
            ])
        }
    }

    private mutating func collect(_ value: JSONValue, file: String) {
        if let elements = value.elements {
            for element in elements { collect(element, file: file) }
        } else if let template = value["resources"]?.elements {
            let parameters = Self.defaults(of: value["parameters"])
            for resource in template { collect(Self.resolved(resource, parameters), file: file) }
        } else if let list = value["value"]?.elements {
            for element in list { collect(element, file: file) }
        } else if let kind = Self.kind(of: value) {
            guard let name = value["name"]?.string else {
                remarks.append("\(file): a resource of \(kind.rawValue) without a name is left out")
                return
            }
            resources.append(ExportedResource(kind: kind, name: name, value: value, file: file))
        } else if value["type"] == nil, case .object(let members) = value {
            // Lists by type, as resetlab export writes them.
            for (_, member) in members.sorted(by: { $0.key < $1.key }) where member.elements != nil { collect(member, file: file) }
        } else if let type = value["type"]?.string {
            remarks.append("\(file): \(type) \(value["name"]?.string ?? "") has no part in a lab and is left out")
        }
    }

    private static func kind(of value: JSONValue) -> ExportedResource.Kind? {
        if let type = value["type"]?.string, type.lowercased().hasPrefix("microsoft.") {
            let last = type.split(separator: "/").dropFirst().joined(separator: "/").lowercased()
            return ExportedResource.Kind.allCases.first { $0.rawValue.lowercased() == last }
        }
        // Without a type: by what only one of them has.
        if value.member("gatewayType") != nil { return .gateway }
        if value.member("connectionType") != nil { return .connection }
        if value.member("localNetworkAddressSpace") != nil { return .localGateway }
        if value.member("addressSpace") != nil, value.member("subnets") != nil { return .network }
        if value.member("publicIPAllocationMethod") != nil { return .publicAddress }
        return nil
    }

    // MARK: - Templates

    private static func defaults(of parameters: JSONValue?) -> [String: JSONValue] {
        guard case .object(let members)? = parameters else { return [:] }
        return members.reduce(into: [:]) { defaults, member in
            if let value = member.value["defaultValue"], value != .null { defaults[member.key.lowercased()] = value }
        }
    }

    /// With every `[parameters('x')]` replaced by the parameter's default value; other expressions stay as they are.
    private static func resolved(_ value: JSONValue, _ parameters: [String: JSONValue]) -> JSONValue {
        switch value {
        case .string(let text): parameter(in: text).flatMap { parameters[$0.lowercased()] } ?? .string(inlined(text, parameters))
        case .array(let elements): .array(elements.map { resolved($0, parameters) })
        case .object(let members): .object(members.mapValues { resolved($0, parameters) })
        default: value
        }
    }

    /// The parameter's name where the text is nothing but that.
    private static func parameter(in text: String) -> String? {
        let (start, end) = ("[parameters('", "')]")
        guard text.hasPrefix(start), text.hasSuffix(end), text.count > start.count + end.count else { return nil }
        let name = text.dropFirst(start.count).dropLast(end.count)
        return name.contains("'") ? nil : String(name)
    }

    /// Parameters within another expression become quoted names.
    private static func inlined(_ text: String, _ parameters: [String: JSONValue]) -> String {
        guard text.hasPrefix("[") else { return text }
        var text = text
        for (name, value) in parameters {
            guard let value = value.string else { continue }
            for spelling in Set([name, text.spelling(of: name)].compactMap(\.self)) {
                text = text.replacing("parameters('\(spelling)')", with: "'\(value)'")
            }
        }
        return text
    }
}

extension String {
    /// How a parameter's name is spelt in this text, whatever its case.
    fileprivate func spelling(of parameter: String) -> String? {
        guard let range = lowercased().firstRange(of: "parameters('\(parameter)')") else { return nil }
        let start = index(startIndex, offsetBy: lowercased().distance(from: lowercased().startIndex, to: range.lowerBound) + 12)
        return String(self[start..<index(start, offsetBy: parameter.count)])
    }
}

/// Why an import cannot be done: everything that is wrong or missing.
public struct ImportError: Error, CustomStringConvertible, Equatable {
    public var problems: [String]

    init(_ problems: [String]) { self.problems = problems }

    public var description: String { problems.joined(separator: "\n") }
}
