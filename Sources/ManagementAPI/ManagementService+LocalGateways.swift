import LabPlan

// Local gateways: what the gateway knows of a site. One that no connection has named yet is nothing but a resource.

extension ManagementService {
    func respond(localGateway name: String, in group: String, _ members: [ManagedLab], _ request: APIRequest) async throws -> APIResponse {
        for lab in members {
            if let index = lab.localGatewayIndex(named: name) { return try await respond(localGateway: index, of: lab, request) }
        }
        let known = draft("localNetworkGateways", name, in: group)
        switch request.method {
        case "GET", "HEAD":
            guard let known else { throw APIError.notFound("localNetworkGateways", name, in: group) }
            return .json(known)
        case "PUT", "PATCH":
            let made = try localGateway(name, in: group, try request.json())
            if let revived = try revive(made, members) { return .json(revived, status: 201) }
            try putDraft("localNetworkGateways", made, in: group)
            return .json(made, status: known == nil ? 201 : 200)
        case "DELETE":
            guard known != nil else { return APIResponse(204) }
            removeDraft("localNetworkGateways", name, in: group)
            return APIResponse(200)
        default: throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        }
    }

    /// One whose site stands.
    private func respond(localGateway index: Int, of lab: ManagedLab, _ request: APIRequest) async throws -> APIResponse {
        let current = lab.localGateway(index)
        switch request.method {
        case "GET", "HEAD": return .json(current)
        case "PUT", "PATCH":
            let body = try request.json()
            let changed = ["gatewayIpAddress", "localNetworkAddressSpace"].contains { name in
                guard let wanted = body["properties"]?[name], wanted != .null else { return false }
                return !wanted.isAsIn(current["properties"]?[name] ?? .null)
            }
            guard changed else { return .json(current) }
            let resource = try localGateway(lab.localGatewayName(index), in: lab.resourceGroup, body.filled(from: current))
            return .init(created: resource, operation: try await beginChange(ofLocalGateway: resource, index, of: lab, request), identity)
        case "DELETE":
            let connection = lab.plan.connections[index]
            guard !connection.existsAtGateway else {
                throw APIError(
                    400, "InUseLocalNetworkGatewayCannotBeDeleted",
                    "The local gateway \(lab.localGatewayName(index)) cannot be deleted: the connection \(connection.name) uses it.")
            }
            if let place = labs.firstIndex(where: { $0.gatewayID == lab.gatewayID }) {
                labs[place].names.deletedLocalGateways.insert(index)
            }
            return APIResponse(200)
        default: throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        }
    }

    /// Where the site of a deleted local gateway of this name stands, it is that site's again.
    private func revive(_ resource: JSONValue, _ members: [ManagedLab]) throws -> JSONValue? {
        let name = resource["name"]?.string ?? ""
        for lab in members {
            guard let place = labs.firstIndex(where: { $0.gatewayID == lab.gatewayID }),
                let index = lab.names.deletedLocalGateways.first(where: { lab.localGatewayName($0).lowercased() == name.lowercased() })
            else { continue }
            let current = lab.localGateway(index)
            guard resource["properties"]?.isAsIn(current["properties"] ?? .null) ?? false else {
                throw APIError.badRequest(
                    "The site of the deleted local gateway \(name) stands, at \(current["properties"]?["gatewayIpAddress"]?.string ?? ""): "
                        + "create it with that address and its prefixes, or choose another name.", target: "properties")
            }
            labs[place].names.deletedLocalGateways.remove(index)
            return current
        }
        return nil
    }

    func localGateway(_ name: String, in group: String, _ body: JSONValue) throws -> JSONValue {
        guard let address = body["properties"]?["gatewayIpAddress"]?.string,
            let prefixes = body["properties"]?["localNetworkAddressSpace"]?["addressPrefixes"]?.elements, !prefixes.isEmpty,
            prefixes.allSatisfy({ $0.string != nil })
        else {
            throw APIError.badRequest(
                "A local gateway needs properties.gatewayIpAddress and properties.localNetworkAddressSpace.addressPrefixes.",
                target: "properties")
        }
        return draftResource(
            "localNetworkGateways", name, in: group,
            ["gatewayIpAddress": .string(address), "localNetworkAddressSpace": ["addressPrefixes": .array(prefixes)]])
    }
}

extension JSONValue {
    /// With the properties of another resource where this one leaves them out.
    fileprivate func filled(from other: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let theirs)? = other["properties"] else { return other }
        guard case .object(let own)? = members["properties"] else { return other }
        members["properties"] = .object(theirs.merging(own.filter { $0.value != .null }) { $1 })
        return .object(members)
    }
}
