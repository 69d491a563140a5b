import LabPlan

// What is created: local gateways, which are nothing yet, connections, which build a site, and deployments of both.

extension ManagementService {
    /// A local gateway that no connection names yet.
    struct PendingLocalGateway {
        var group: String
        var resource: JSONValue

        var name: String { resource["name"]?.string ?? "" }

        func isIn(_ other: String) -> Bool { group.lowercased() == other.lowercased() }
    }

    // MARK: - Local gateways

    func respond(localGateway name: String, in group: String, _ members: [ManagedLab], _ request: APIRequest) throws -> APIResponse {
        let built = members.lazy.compactMap { lab in
            lab.resources("localNetworkGateways")?.first { $0["name"]?.string?.lowercased() == name.lowercased() }
        }
        .first
        let pending = pendingLocalGateways.firstIndex { $0.isIn(group) && $0.name.lowercased() == name.lowercased() }
        switch request.method {
        case "GET", "HEAD":
            guard let found = built ?? pending.map({ pendingLocalGateways[$0].resource }) else {
                throw APIError.notFound("localNetworkGateways", name, in: group)
            }
            return .json(found)
        case "PUT", "PATCH":
            let body = try request.json()
            if let built {
                try Self.checkUnchanged(["gatewayIpAddress", "localNetworkAddressSpace"], body, built, "a local gateway whose site stands")
                return .json(built)
            }
            let resource = try localGateway(name, in: group, body)
            if let pending {
                pendingLocalGateways[pending].resource = resource
            } else {
                pendingLocalGateways.append(.init(group: group, resource: resource))
            }
            return .json(resource, status: pending == nil ? 201 : 200)
        case "DELETE":
            guard built == nil else {
                throw APIError(
                    400, "InUseLocalNetworkGatewayCannotBeDeleted",
                    "The local gateway \(name) cannot be deleted: a connection uses it, and its site stands.")
            }
            guard let pending else { return APIResponse(204) }
            pendingLocalGateways.remove(at: pending)
            return APIResponse(200)
        default: throw APIError(405, "MethodNotAllowed", "The method \(request.method) is not allowed for \(request.path).")
        }
    }

    private func localGateway(_ name: String, in group: String, _ body: JSONValue) throws -> JSONValue {
        guard let address = body["properties"]?["gatewayIpAddress"]?.string,
            let prefixes = body["properties"]?["localNetworkAddressSpace"]?["addressPrefixes"]?.elements, !prefixes.isEmpty,
            prefixes.allSatisfy({ $0.string != nil })
        else {
            throw APIError.badRequest(
                "A local gateway needs properties.gatewayIpAddress and properties.localNetworkAddressSpace.addressPrefixes.",
                target: "properties")
        }
        return [
            "id": .string(
                "/subscriptions/\(identity.subscription)/resourceGroups/\(group)/providers/Microsoft.Network/localNetworkGateways/\(name)"),
            "name": .string(name), "type": "Microsoft.Network/localNetworkGateways", "location": .string(identity.location), "tags": [:],
            "properties": [
                "gatewayIpAddress": .string(address), "localNetworkAddressSpace": ["addressPrefixes": .array(prefixes)],
                "provisioningState": "Succeeded",
            ],
        ]
    }

    static func checkUnchanged(_ names: [String], _ body: JSONValue, _ current: JSONValue, _ what: String) throws {
        for name in names {
            guard let wanted = body["properties"]?[name], wanted != .null, let found = current["properties"]?[name], !wanted.isAsIn(found)
            else { continue }
            throw APIError(
                400, "PropertyChangeNotAllowed", "properties.\(name) of \(what) cannot be changed here: it is the topology's.",
                target: "properties.\(name)")
        }
    }

    // MARK: - Connections

    /// A new connection, whose site is built.
    func create(connection name: String, in group: String, _ members: [ManagedLab], _ request: APIRequest) throws -> APIResponse {
        guard request.method == "PUT" else { throw APIError.notFound("connections", name, in: group) }
        let (operation, resource) = try beginCreation(of: name, in: group, members, try request.json(), key: request.operationKey)
        return .init(created: resource, operation: operation, identity)
    }

    private func beginCreation(
        of name: String, in group: String, _ members: [ManagedLab], _ body: JSONValue, key: String?
    ) throws -> (operation: String, resource: JSONValue) {
        let properties = body["properties"]
        guard let gatewayName = properties?["virtualNetworkGateway1"]?.referencedName,
            let lab = members.first(where: { $0.gatewayName.lowercased() == gatewayName.lowercased() })
        else {
            throw APIError.badRequest(
                "properties.virtualNetworkGateway1 names no gateway of the resource group \(group).",
                target: "properties.virtualNetworkGateway1")
        }
        let localName = properties?["localNetworkGateway2"]?.referencedName ?? ""
        guard let local = pendingLocalGateways.first(where: { $0.isIn(group) && $0.name.lowercased() == localName.lowercased() }) else {
            throw APIError.badRequest(
                "properties.localNetworkGateway2 names no local gateway of the resource group \(group) that is not in use.",
                target: "properties.localNetworkGateway2")
        }
        let secret = try SharedKey.parse(properties?["sharedKey"], target: "properties.sharedKey")
        guard case .object(var resource) = body, case .object(var kept)? = properties else {
            throw APIError.badRequest("A connection is a JSON object.")
        }
        kept["sharedKey"] = nil
        kept["provisioningState"] = "Updating"
        kept["connectionStatus"] = "Unknown"
        resource["name"] = .string(name)
        resource["type"] = "Microsoft.Network/connections"
        resource["id"] = .string(lab.id("connections", name))
        resource["properties"] = .object(kept)
        let made = JSONValue.object(resource)
        if let begun = store.begun(by: key) { return (begun.id, made) }
        let gatewayID = lab.id("virtualNetworkGateways", lab.gatewayName)
        try checkFree(gatewayID, lab.gatewayName)
        let operation = begin("new connection \(name)", on: [gatewayID, lab.id("connections", name)], key: key) { [unowned self] in
            try await lab.backend.add(connection: made, localGateway: local.resource, key: secret)
            return try await self.finishedCreation(name, of: lab, local.name, in: group)
        }
        return (operation, made)
    }

    private func finishedCreation(_ name: String, of lab: ManagedLab, _ local: String, in group: String) async throws -> APIResponse {
        pendingLocalGateways.removeAll { $0.isIn(group) && $0.name == local }
        guard let index = lab.connectionIndex(named: name) else { throw APIError(500, "InternalServerError", "\(name) was not built") }
        return .json(try await connection(index, of: lab))
    }

    // MARK: - Deployments

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
            let template = body["properties"]?["template"]
            let parameters = JSONValue.parameterValues(template?["parameters"], member: "defaultValue").merging(
                JSONValue.parameterValues(body["properties"]?["parameters"], member: "value")
            ) { _, given in given }
            guard let resources = template?["resources"]?.elements, !resources.isEmpty else {
                throw APIError(400, "InvalidTemplate", "properties.template has no resources.")
            }
            let resolved = resources.map { $0.resolving(parameters) }
            var connection: (name: String, operation: String)?
            for resource in resolved {
                guard let type = resource["type"]?.string?.lowercased(), let own = resource["name"]?.string else {
                    throw APIError(400, "InvalidTemplate", "A resource of the template has no type or no name.")
                }
                switch type {
                case "microsoft.network/localnetworkgateways":
                    let made = try localGateway(own, in: group, resource)
                    pendingLocalGateways.removeAll { $0.isIn(group) && $0.name.lowercased() == own.lowercased() }
                    pendingLocalGateways.append(.init(group: group, resource: made))
                case "microsoft.network/connections":
                    connection = (own, try beginCreation(of: own, in: group, members, resource, key: request.operationKey).operation)
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

extension JSONValue {
    /// Whether everything that is here is there too, and the same: clients leave out what they do not know.
    func isAsIn(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let own), .object): own.allSatisfy { $0.value == .null || $0.value.isAsIn(other[$0.key] ?? .null) }
        case (.array(let own), .array(let others)): own.count == others.count && zip(own, others).allSatisfy { $0.isAsIn($1) }
        default: self == other
        }
    }
}
