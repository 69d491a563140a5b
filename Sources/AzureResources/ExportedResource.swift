import ManagementAPI

/// A resource as one of the service's tools has printed it: with its properties apart (REST, SDK, templates) or among the other members (az).
struct ExportedResource {
    enum Kind: String, CaseIterable {
        case gateway = "virtualNetworkGateways"
        case connection = "connections"
        case localGateway = "localNetworkGateways"
        case network = "virtualNetworks"
        case publicAddress = "publicIPAddresses"

        init?(name: String) {
            guard let kind = Self.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else { return nil }
            self = kind
        }

        /// What one of these has that says what the lab needs. Where a resource is in the files twice, both must say the same.
        var decisive: [String] {
            switch self {
            case .gateway: ["activeActive", "gatewayType"]
            case .connection:
                [
                    "connectionType", "connectionMode", "dpdTimeoutSeconds", "ipsecPolicies", "usePolicyBasedTrafficSelectors",
                    "trafficSelectorPolicies", "sharedKey",
                ]
            case .localGateway: ["gatewayIpAddress", "localNetworkAddressSpace"]
            case .network: ["addressSpace"]
            case .publicAddress: ["ipAddress"]
            }
        }
    }

    let kind: Kind
    let name: String
    /// All in one object, what was in `properties` too.
    private(set) var members: [String: JSONValue]
    /// Every file that it comes from.
    private(set) var files: [String]
    let id: ResourceID?

    init(_ kind: Kind, name: String, value: JSONValue, file: String) {
        self.kind = kind
        self.name = name
        files = [file]
        id = value["id"]?.string.map(ResourceID.init)
        guard case .object(var members) = value else {
            self.members = [:]
            return
        }
        if case .object(let properties)? = value["properties"] {
            members.merge(properties) { own, property in own == .null ? property : own }
        }
        self.members = members
    }

    /// For messages: `virtualNetworkGateways VNet1GW (gateway.json)`.
    var description: String { "\(kind.rawValue) \(name) (\(files.joined(separator: ", ")))" }

    var root: Member { Member(.object(members), of: description) }

    subscript(name: String) -> Member { root[name] }

    func isSame(as other: ExportedResource) -> Bool {
        guard kind == other.kind, name.lowercased() == other.name.lowercased() else { return false }
        guard let id, let otherID = other.id else { return true }
        return id.isCompatible(with: otherID)
    }

    /// Takes what this has not from another export of the same resource.
    ///
    /// - Returns: the decisive members in which they differ.
    mutating func fill(from other: ExportedResource) -> [String] {
        let differing = kind.decisive.filter { name in
            guard let own = self[name].value, let others = other[name].value else { return false }
            return own.withoutNull != others.withoutNull
        }
        members.merge(other.members) { own, others in own == .null ? others : own }
        for file in other.files where !files.contains(file) { files.append(file) }
        return differing
    }
}

extension JSONValue {
    /// az prints null for what the service leaves out.
    fileprivate var withoutNull: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutNull))
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNull))
        default: self
        }
    }
}

/// The resources of all files.
struct ResourceIndex {
    private(set) var all: [ExportedResource] = []
    private var places: [String: [Int]] = [:]

    private static func key(_ kind: ExportedResource.Kind, _ name: String) -> String { "\(kind.rawValue)/\(name.lowercased())" }

    func all(_ kind: ExportedResource.Kind) -> [ExportedResource] { all.filter { $0.kind == kind } }

    /// The same resource again, from another file or list, is not a second one.
    mutating func add(_ resource: ExportedResource, _ findings: inout Findings) {
        let key = Self.key(resource.kind, resource.name)
        if let index = places[key]?.first(where: { all[$0].isSame(as: resource) }) {
            for name in all[index].fill(from: resource) {
                findings.problem("\(all[index].description): found two different values of \(name); allowed: exports of one time")
            }
        } else {
            places[key, default: []].append(all.count)
            all.append(resource)
        }
    }

    /// Those that an id may be of: one, but where ids leave out the resource group.
    func find(_ kind: ExportedResource.Kind, _ name: String, _ id: ResourceID) -> [ExportedResource] {
        (places[Self.key(kind, name)] ?? []).map { all[$0] }.filter { $0.id?.isCompatible(with: id) ?? true }
    }
}
