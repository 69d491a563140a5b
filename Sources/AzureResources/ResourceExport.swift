import LabPlan
import ManagementAPI

/// A lab as the service's resources: what its tools would export of it.
public struct ResourceExport {
    private let lab: ManagedLab
    private let plan: LabPlan

    public init(plan: LabPlan, resourceGroup: String, subscription: String, location: String) {
        let identity = ServiceIdentity(subscription: subscription, location: location, endpoint: "https://management.azure.com")
        self.plan = plan.withoutSecrets
        lab = ManagedLab(resourceGroup: resourceGroup, backend: UnbuiltLab(plan: self.plan), identity: identity)
    }

    /// The resources' types with all of each, as az's lists have them, but with their properties apart.
    public var resources: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: ManagedLab.types.map { ($0, .array(lab.resources($0) ?? [])) }))
    }

    /// What the resources cannot say, and say otherwise.
    public var remarks: [String] {
        plan.connections.compactMap { connection in
            guard let timeout = connection.gatewaySide.deadPeerDetection?.timeout else {
                return "\(connection.name): dead peer detection is off, which resources cannot say: the service's own 45 s are in them"
            }
            let isWhole = timeout.components.attoseconds == 0
            return isWhole ? nil : "\(connection.name): dpdTimeoutSeconds is \(timeout.components.seconds), without the rest of \(timeout)"
        }
    }

    static let apiVersion = "2024-05-01"
    private static let subnetParameter = "gatewaySubnetPrefix"

    /// A template that makes them. Its keys are parameters without a default value: none is in it.
    public var template: JSONValue {
        var parameters: [String: JSONValue] = [
            Self.subnetParameter: [
                "type": "string",
                "metadata": ["description": "The prefix of GatewaySubnet, a part of the virtual network that a lab does not have."],
            ]
        ]
        var templates: [JSONValue] = []
        for type in ManagedLab.types {
            for resource in lab.resources(type) ?? [] {
                guard case .object(var members) = Self.deployable(resource), case .object(var properties)? = members["properties"] else {
                    continue
                }
                for name in Self.readOnly { properties[name] = nil }
                switch type {
                case "connections":
                    let name = members["name"]?.string ?? ""
                    let parameter = Self.keyParameter(name)
                    parameters[parameter] = [
                        "type": "securestring", "metadata": ["description": .string("The pre-shared key of \(name).")],
                    ]
                    properties["sharedKey"] = .string("[parameters('\(parameter)')]")
                case "virtualNetworks":
                    properties["subnets"] = [
                        ["name": "GatewaySubnet", "properties": ["addressPrefix": .string("[parameters('\(Self.subnetParameter)')]")]]
                    ]
                case "publicIPAddresses":
                    // The only one that takes a zone-redundant gateway.
                    members["sku"] = ["name": "Standard", "tier": "Regional"]
                default: break
                }
                members["id"] = nil
                members["properties"] = .object(properties)
                members["apiVersion"] = .string(Self.apiVersion)
                members["dependsOn"] = .array(Self.references(in: .object(properties)).sorted().map { .string($0) })
                templates.append(.object(members))
            }
        }
        return [
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
            "parameters": .object(parameters), "resources": .array(templates),
        ]
    }

    /// What the service says of a resource, and nobody says to it.
    private static let readOnly = ["provisioningState", "ipConfiguration", "vpnGatewayGeneration", "active", "bgpSettings"]

    /// One for each connection: letters and digits are kept, anything else is its number, as parameters have no dots and hyphens.
    private static func keyParameter(_ connection: String) -> String {
        "sharedKey_"
            + connection.unicodeScalars.map { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    ? String(scalar) : "_" + String(scalar.value, radix: 16) + "_"
            }.joined()
    }

    /// Ids become expressions, so that the template can be deployed anywhere; parts of resources have none, nor a state.
    private static func deployable(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(deployable))
        case .object(var members):
            if members["name"] != nil { members["id"] = nil }
            members["provisioningState"] = nil
            return .object(members.mapValues(deployable))
        case .string(let text): return .string(expression(text) ?? text)
        default: return value
        }
    }

    /// Of `/subscriptions/S/resourceGroups/RG/providers/Microsoft.Network/TYPE/NAME…`; nil for another text.
    private static func expression(_ id: String) -> String? {
        let parts = id.split(separator: "/").map(String.init)
        guard id.hasPrefix("/subscriptions/"), parts.count >= 8, parts[4] == "providers" else { return nil }
        return resourceID(Array(parts[6...]))
    }

    private static func resourceID(_ segments: [String]) -> String {
        let types = segments.indices.filter { $0.isMultiple(of: 2) }.map { segments[$0] }
        let names = segments.indices.filter { !$0.isMultiple(of: 2) }.map { "'\(segments[$0])'" }
        return "[resourceId('Microsoft.Network/\(types.joined(separator: "/"))', \(names.joined(separator: ", ")))]"
    }

    /// The resources that one refers to; of a part, such as a subnet, the resource that it is in.
    private static func references(in value: JSONValue) -> Set<String> {
        switch value {
        case .array(let elements): return elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .object(let members): return members.values.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .string(let text) where text.hasPrefix("[resourceId("):
            let quoted = text.split(separator: "'").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
            guard let type = quoted.first?.split(separator: "/").dropFirst().first, quoted.count > 1 else { return [] }
            return [resourceID([String(type), quoted[1]])]
        default: return []
        }
    }
}
