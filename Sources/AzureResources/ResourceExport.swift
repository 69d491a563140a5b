import LabPlan
import ManagementAPI

/// A lab as the service's resources: what its tools would export of it.
public struct ResourceExport {
    private let lab: ManagedLab
    private let plan: LabPlan

    public init(plan: LabPlan, resourceGroup: String, subscription: String, location: String) {
        let identity = ServiceIdentity(subscription: subscription, location: location, endpoint: "https://management.azure.com")
        self.plan = plan.withoutKeys
        lab = ManagedLab(resourceGroup: resourceGroup, backend: UnbuiltLab(plan: self.plan), identity: identity)
    }

    /// The resources' types with all of each, as az's lists have them, but with their properties apart.
    public var resources: JSONValue {
        .object(Dictionary(uniqueKeysWithValues: ManagedLab.types.map { ($0, .array(lab.resources($0) ?? [])) }))
    }

    static let apiVersion = "2024-05-01"

    /// A template that makes them. Its keys are parameters without a default value: none is in it.
    public var template: JSONValue {
        var parameters: [String: JSONValue] = [:]
        var templates: [JSONValue] = []
        for type in ManagedLab.types {
            for resource in lab.resources(type) ?? [] {
                guard case .object(var members) = Self.withReferences(resource), case .object(var properties)? = members["properties"]
                else {
                    continue
                }
                for name in Self.readOnly { properties[name] = nil }
                if type == "connections", let name = members["name"]?.string {
                    let parameter = "sharedKey_" + name.replacing(".", with: "_").replacing("-", with: "_")
                    parameters[parameter] = [
                        "type": "securestring", "metadata": ["description": .string("The pre-shared key of \(name).")],
                    ]
                    properties["sharedKey"] = .string("[parameters('\(parameter)')]")
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

    private static let readOnly = ["provisioningState", "ipConfiguration", "vpnGatewayGeneration", "active"]

    /// Ids become expressions, so that the template can be deployed anywhere.
    private static func withReferences(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(withReferences))
        case .object(let members):
            .object(members.mapValues(withReferences))
        case .string(let text): .string(expression(text) ?? text)
        default: value
        }
    }

    private static func expression(_ id: String) -> String? {
        let parts = id.split(separator: "/").map(String.init)
        guard parts.first == "subscriptions", let provider = parts.firstIndex(of: "Microsoft.Network") else { return nil }
        let rest = Array(parts[(provider + 1)...])
        let types = rest.indices.filter { $0.isMultiple(of: 2) }.map { rest[$0] }
        let names = rest.indices.filter { !$0.isMultiple(of: 2) }.map { "'\(rest[$0])'" }
        return "[resourceId('Microsoft.Network/\(types.joined(separator: "/"))', \(names.joined(separator: ", ")))]"
    }

    /// What a resource refers to, but for parts of resources.
    private static func references(in value: JSONValue) -> Set<String> {
        switch value {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .string(let text) where text.hasPrefix("[resourceId("):
            text.contains("virtualNetworkGateways/ipConfigurations") || text.contains("/subnets") ? [] : [text]
        default: []
        }
    }
}

extension LabPlan {
    fileprivate var withoutKeys: LabPlan {
        var plan = self
        for index in plan.connections.indices {
            plan.connections[index].siteSide.preSharedKey = PreSharedKey(secret: [])
            plan.connections[index].gatewaySide.preSharedKey = PreSharedKey(secret: [])
        }
        return plan
    }
}
