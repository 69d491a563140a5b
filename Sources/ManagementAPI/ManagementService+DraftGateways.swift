import LabPlan

// Gateways that have no connection yet. A gateway by itself has nothing to measure: its lab is built with the first one.

extension ManagementService {
    /// The networks and public addresses that a gateway names.
    static func parts(of gateway: JSONValue) -> [(type: String, name: String)] {
        (gateway["properties"]?["ipConfigurations"]?.elements ?? []).flatMap { configuration -> [(String, String)] in
            let properties = configuration["properties"]
            let address = properties?["publicIPAddress"]?.referencedName.map { ("publicIPAddresses", $0) }
            // …/virtualNetworks/NAME/subnets/GatewaySubnet
            let segments = (properties?["subnet"]?["id"]?.string ?? "").split(separator: "/").map(String.init)
            let network = segments.lastIndex { $0.lowercased() == "virtualnetworks" }.flatMap {
                segments.indices.contains($0 + 1) ? ("virtualNetworks", segments[$0 + 1]) : nil
            }
            return [address, network].compactMap(\.self)
        }
    }

    func respond(draftGateway name: String, in group: String, _ members: [ManagedLab], _ action: ResourcePath, _ request: APIRequest) throws
        -> APIResponse
    {
        let known = draft("virtualNetworkGateways", name, in: group)
        let id = resourceID("virtualNetworkGateways", name, in: group)
        switch (action.segments.map { $0.lowercased() }, request.method) {
        case ([], "PUT"), ([], "PATCH"):
            try checkFree(id, name)
            let made = try gateway(name, in: group, members, try request.json())
            try putDraft("virtualNetworkGateways", made, in: group)
            return .json(made, status: known == nil ? 201 : 200)
        case ([], "DELETE"):
            guard known != nil else { return APIResponse(204) }
            try checkFree(id, name)
            removeDraft("virtualNetworkGateways", name, in: group)
            return APIResponse(200)
        default: break
        }
        guard let known else { throw APIError.notFound("virtualNetworkGateways", name, in: group) }
        switch (action.segments.map { $0.lowercased() }, request.method) {
        case ([], "GET"), ([], "HEAD"): return .json(known)
        case (["connections"], _): return try only("GET", request) { .json(["value": []]) }
        case (["reset"], _):
            return try only("POST", request) {
                throw APIError(
                    400, "OperationNotAllowed",
                    "The gateway \(name) has no connection yet: its lab is built with the first, and there is nothing to reset until then.")
            }
        case ([], _): throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        default: throw unknownPath(request)
        }
    }

    private func gateway(_ name: String, in group: String, _ members: [ManagedLab], _ body: JSONValue) throws -> JSONValue {
        guard factory != nil else {
            throw APIError(400, "OperationNotAllowed", "This service builds no labs: it has those that it was started with.")
        }
        guard case .object(var properties)? = body["properties"] else { throw APIError.badRequest("A gateway is a JSON object.") }
        if let type = properties["gatewayType"]?.string, type.lowercased() != "vpn" {
            throw APIError.badRequest("properties.gatewayType: found \(type); allowed: Vpn", target: "properties.gatewayType")
        }
        let configurations = properties["ipConfigurations"]?.elements ?? []
        let isActiveActive = properties["activeActive"] == true
        let parts = Self.parts(of: body)
        guard configurations.count == (isActiveActive ? 2 : 1), parts.count == 2 * configurations.count else {
            throw APIError.badRequest(
                "properties.ipConfigurations: allowed is one, of an active-active gateway two, each with a publicIPAddress and a subnet.",
                target: "properties.ipConfigurations")
        }
        for (type, part) in parts where draft(type, part, in: group) == nil {
            let isTaken = members.contains { lab in
                (lab.resources(type) ?? []).contains { $0["name"]?.string?.lowercased() == part.lowercased() }
            }
            throw APIError(
                400, isTaken ? "ResourceInUse" : "InvalidResourceReference",
                "\(type) \(part) " + (isTaken ? "is another gateway's." : "is not in the resource group \(group)."),
                target: "properties.ipConfigurations")
        }
        let id = resourceID("virtualNetworkGateways", name, in: group)
        properties["ipConfigurations"] = .array(
            configurations.enumerated().map { index, configuration in
                guard case .object(var members) = configuration else { return configuration }
                let own = members["name"]?.string ?? (index == 0 ? "default" : "activeActive")
                members["name"] = .string(own)
                members["id"] = .string("\(id)/ipConfigurations/\(own)")
                return .object(members)
            })
        properties["gatewayType"] = "Vpn"
        properties["vpnType"] = properties["vpnType"] ?? "RouteBased"
        properties["activeActive"] = .bool(isActiveActive)
        properties["enableBgp"] = properties["enableBgp"] ?? false
        return draftResource("virtualNetworkGateways", name, in: group, properties)
    }

    /// Builds the lab of a gateway with its first connection.
    func beginLab(
        of name: String, in group: String, connection: JSONValue, localGateway: JSONValue, secret: PreSharedKey, key: String?
    ) throws -> String {
        guard let factory, let gateway = draft("virtualNetworkGateways", name, in: group) else {
            throw APIError.notFound("virtualNetworkGateways", name, in: group)
        }
        let id = resourceID("virtualNetworkGateways", name, in: group)
        try checkFree(id, name)
        let parts = Self.parts(of: gateway)
        let resources = [gateway, localGateway, connection] + parts.compactMap { draft($0.type, $0.name, in: group) }
        let connectionName = connection["name"]?.string ?? ""
        let connectionID = resourceID("connections", connectionName, in: group)
        return begin("new lab of \(name)", on: [id, connectionID], key: key) { [unowned self] in
            let backend = try await factory.build(resources, connection: connectionName, key: secret)
            var lab = ManagedLab(resourceGroup: group, backend: backend, identity: identity)
            lab.names.network = parts.first { $0.type == "virtualNetworks" }?.name
            lab.names.publicAddresses = parts.filter { $0.type == "publicIPAddresses" }.map(\.name)
            lab.names.localGateways[0] = localGateway["name"]?.string
            return try await stand(lab, in: group, gateway: name, parts, localGateway["name"]?.string ?? "")
        }
    }

    private func stand(
        _ lab: ManagedLab, in group: String, gateway: String, _ parts: [(type: String, name: String)], _ local: String
    ) async throws -> APIResponse {
        try add(lab)
        for part in parts { removeDraft(part.type, part.name, in: group) }
        removeDraft("virtualNetworkGateways", gateway, in: group)
        removeDraft("localNetworkGateways", local, in: group)
        return .json(try await connection(0, of: lab))
    }
}
