import LabPlan

// Deployments of templates with local gateways and connections in them.

extension ManagementService {
    /// `az network vpn-connection create` sends a template with the connection in it.
    func respond(deployment name: String, in group: String, _ members: [ManagedLab], _ rest: ResourcePath, _ request: APIRequest)
        async throws
        -> APIResponse
    {
        let key = "\(group.lowercased())/\(name.lowercased())"
        switch (request.method, rest.segments.count) {
        case ("GET", 0), ("HEAD", 0):
            guard let deployment = deployments[key] else {
                throw APIError(404, "DeploymentNotFound", "Deployment '\(name)' could not be found.")
            }
            return .json(try await describe(deployment, name, in: group, members))
        case ("PUT", 0):
            let body = try request.json()
            let resolved = try Self.resources(of: body)
            var connection: (name: String, operation: String)?
            for resource in resolved {
                guard let type = resource["type"]?.string?.lowercased(), let own = resource["name"]?.string else {
                    throw APIError(400, "InvalidTemplate", "A resource of the template has no type or no name.")
                }
                switch type {
                case "microsoft.network/localnetworkgateways":
                    try putDraft("localNetworkGateways", try localGateway(own, in: group, resource), in: group)
                case "microsoft.network/connections":
                    connection = (own, try await beginCreation(of: own, in: group, members, resource, key: request.operationKey).operation)
                default:
                    throw APIError(
                        400, "InvalidTemplateDeployment",
                        "\(type) \(own): a lab that stands gets local gateways and connections, and nothing else.")
                }
            }
            let operation = connection?.operation ?? begin("deployment \(name)", on: [], key: nil) { APIResponse(200) }
            deployments[key] = Deployment(operation: operation, connection: connection?.name)
            return .init(
                created: try await describe(Deployment(operation: operation, connection: connection?.name), name, in: group, members),
                operation: operation, identity)
        default: throw unknownPath(request)
        }
    }

    /// A template's resources with their expressions worked out. Where and when they are made is nothing that a lab could take otherwise.
    private static func resources(of body: JSONValue) throws -> [JSONValue] {
        let template = body["properties"]?["template"] ?? .null
        guard let resources = template["resources"]?.elements, !resources.isEmpty else {
            throw APIError(400, "InvalidTemplate", "properties.template has no resources.")
        }
        var values = TemplateValues(of: template, given: body["properties"]?["parameters"])
        return try resources.enumerated().map { index, resource in
            guard case .object(let members) = resource else {
                throw APIError(400, "InvalidTemplate", "properties.template.resources[\(index)] is no object.")
            }
            let resolved = values.resolved(.object(members.filter { !["location", "dependsOn", "apiVersion", "tags"].contains($0.key) }))
            if let (path, expression) = resolved.firstUnresolved {
                throw APIError(
                    400, "InvalidTemplate",
                    "properties.template.resources[\(index)]\(path): the value of \(expression) is neither in the template nor in the "
                        + "deployment's parameters.")
            }
            return resolved
        }
    }

    struct Deployment {
        var operation: String
        /// The connection that it makes.
        var connection: String?
    }

    private func describe(_ deployment: Deployment, _ name: String, in group: String, _ members: [ManagedLab]) async throws -> JSONValue {
        let operation = store[deployment.operation]
        var properties: [String: JSONValue] = [
            "mode": "Incremental",
            "provisioningState": .string(operation.map { $0.state == .running ? "Running" : $0.statusText } ?? "Succeeded"),
        ]
        if case .failed(let error)? = operation?.state { properties["error"] = error.json["error"] }
        if let connection = deployment.connection, operation?.state == .succeeded {
            for lab in members {
                guard let index = lab.connectionIndex(named: connection) else { continue }
                properties["outputs"] = [
                    "resource": ["type": "Object", "value": try await self.connection(index, of: lab)["properties"] ?? .null]
                ]
            }
        }
        return [
            "id": .string(
                "/subscriptions/\(identity.subscription)/resourceGroups/\(group)/providers/Microsoft.Resources/deployments/\(name)"),
            "name": .string(name), "type": "Microsoft.Resources/deployments", "properties": .object(properties),
        ]
    }
}
