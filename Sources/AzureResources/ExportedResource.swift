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
            let parameters = JSONValue.parameterValues(value["parameters"], member: "defaultValue")
            for resource in template { collect(resource.resolving(parameters), file: file) }
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
}

/// Why an import cannot be done: everything that is wrong or missing.
public struct ImportError: Error, CustomStringConvertible, Equatable {
    public var problems: [String]

    init(_ problems: [String]) { self.problems = problems }

    public var description: String { problems.joined(separator: "\n") }
}
