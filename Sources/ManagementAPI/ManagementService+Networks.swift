import Addressing

// Networks and public addresses: those of labs, and those of which a gateway is to be made.

extension ManagementService {
    func respond(network name: String, in group: String, _ members: [ManagedLab], _ rest: ResourcePath, _ request: APIRequest) throws
        -> APIResponse
    {
        let lab = members.first { $0.networkName.lowercased() == name.lowercased() }
        guard let known = lab?.network() ?? draft("virtualNetworks", name, in: group) else {
            guard request.method == "PUT", rest.isEmpty else {
                if request.method == "DELETE" { return APIResponse(204) }
                throw APIError.notFound("virtualNetworks", name, in: group)
            }
            let made = try network(name, in: group, try request.json())
            try putDraft("virtualNetworks", made, in: group)
            return .json(made, status: 201)
        }
        if let subnet = rest.rest(behind: "subnets") {
            return try respond(subnet: subnet, of: known, isStanding: lab != nil, group, request)
        }
        guard rest.isEmpty else { throw unknownPath(request) }
        switch request.method {
        case "GET", "HEAD": return .json(known)
        case "PUT", "PATCH":
            if lab != nil {
                try Self.checkUnchanged(["addressSpace"], try request.json(), known, "a network whose gateway stands")
                return .json(known)
            }
            let made = try network(name, in: group, try request.json())
            try putDraft("virtualNetworks", made, in: group)
            return .json(made)
        case "DELETE":
            try checkUnused(known, "virtual network", isStanding: lab != nil, in: group)
            removeDraft("virtualNetworks", name, in: group)
            return APIResponse(200)
        default: throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        }
    }

    private func network(_ name: String, in group: String, _ body: JSONValue) throws -> JSONValue {
        let target = "properties.addressSpace.addressPrefixes"
        let prefixes = body["properties"]?["addressSpace"]?["addressPrefixes"]?.elements ?? []
        guard !prefixes.isEmpty, prefixes.allSatisfy({ $0.string.flatMap(IPPrefix.init) != nil }) else {
            throw APIError.badRequest("\(target): allowed is a list of prefixes, such as 10.1.0.0/16.", target: target)
        }
        let subnets = try (body["properties"]?["subnets"]?.elements ?? []).map { subnet -> JSONValue in
            guard let own = subnet["name"]?.string else { throw APIError.badRequest("A subnet has no name.", target: "properties.subnets") }
            return self.subnet(own, of: name, in: group, subnet)
        }
        return draftResource(
            "virtualNetworks", name, in: group, ["addressSpace": ["addressPrefixes": .array(prefixes)], "subnets": .array(subnets)])
    }

    private func subnet(_ name: String, of network: String, in group: String, _ body: JSONValue) -> JSONValue {
        var properties: [String: JSONValue] = ["provisioningState": "Succeeded"]
        for member in ["addressPrefix", "addressPrefixes"] {
            if let value = body["properties"]?[member], value != .null { properties[member] = value }
        }
        return [
            "name": .string(name), "id": .string(resourceID("virtualNetworks", network, in: group) + "/subnets/\(name)"),
            "properties": .object(properties),
        ]
    }

    /// A lab has no subnets: they are kept as they were sent.
    private func respond(
        subnet path: ResourcePath, of network: JSONValue, isStanding: Bool, _ group: String, _ request: APIRequest
    ) throws -> APIResponse {
        let subnets = network["properties"]?["subnets"]?.elements ?? []
        guard let name = path.first else { return try only("GET", request) { .json(["value": .array(subnets)]) } }
        let networkName = network["name"]?.string ?? ""
        let known = subnets.first { $0["name"]?.string?.lowercased() == name.lowercased() }
        switch request.method {
        case "GET", "HEAD":
            guard let known else { throw APIError.notFound("virtualNetworks/\(networkName)/subnets", name, in: group) }
            return .json(known)
        case "PUT":
            if isStanding {
                guard let known else { throw Self.unchangeable("subnets", "a network whose gateway stands") }
                return .json(known)
            }
            let made = subnet(name, of: networkName, in: group, try request.json())
            guard case .object(var members) = network, case .object(var properties)? = members["properties"] else { return .json(made) }
            properties["subnets"] = .array(subnets.filter { $0["name"]?.string?.lowercased() != name.lowercased() } + [made])
            members["properties"] = .object(properties)
            try putDraft("virtualNetworks", .object(members), in: group)
            return .json(made, status: known == nil ? 201 : 200)
        default: throw Self.notAllowed(request, "GET, PUT")
        }
    }

    func respond(publicAddress name: String, in group: String, _ members: [ManagedLab], _ request: APIRequest) throws -> APIResponse {
        let standing = members.lazy.flatMap { $0.resources("publicIPAddresses") ?? [] }.first {
            $0["name"]?.string?.lowercased() == name.lowercased()
        }
        let known = standing ?? draft("publicIPAddresses", name, in: group)
        switch request.method {
        case "GET", "HEAD":
            guard let known else { throw APIError.notFound("publicIPAddresses", name, in: group) }
            return .json(known)
        case "PUT", "PATCH":
            // One that there is keeps its address, whatever else is sent.
            if let known { return .json(known) }
            let version = try request.json()["properties"]?["publicIPAddressVersion"]?.string ?? "IPv4"
            let made = draftResource(
                "publicIPAddresses", name, in: group,
                [
                    "ipAddress": .string(try freeAddress(isIPv6: version.lowercased() == "ipv6")), "publicIPAllocationMethod": "Static",
                    "publicIPAddressVersion": .string(version),
                ])
            try putDraft("publicIPAddresses", made, in: group)
            return .json(made, status: 201)
        case "DELETE":
            guard let known else { return APIResponse(204) }
            try checkUnused(known, "public address", isStanding: standing != nil, in: group)
            removeDraft("publicIPAddresses", name, in: group)
            return APIResponse(200)
        default: throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        }
    }

    /// From the ranges for documentation (RFC 5737, TEST-NET-3; RFC 3849), one that nothing here has.
    private func freeAddress(isIPv6: Bool) throws -> String {
        let taken = Set(
            labs.flatMap { $0.publicAddresses.map(\.address.description) }
                + drafts.compactMap { $0.resource["properties"]?["ipAddress"]?.string })
        let candidates = (10..<250).lazy.map { isIPv6 ? "2001:db8:cafe::\(String($0, radix: 16))" : "203.0.113.\($0)" }
        guard let free = candidates.first(where: { !taken.contains($0) }) else {
            throw APIError(400, "PublicIPCountLimitReached", "All 240 public addresses of a family are in use.")
        }
        return free
    }

    /// - Throws: `APIError` for what a gateway uses, one that stands or one that is to be.
    private func checkUnused(_ resource: JSONValue, _ what: String, isStanding: Bool, in group: String) throws {
        let name = resource["name"]?.string ?? ""
        let type = resource["type"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        let user = drafts("virtualNetworkGateways", in: group).first { gateway in
            Self.parts(of: gateway).contains { $0.type.lowercased() == type.lowercased() && $0.name.lowercased() == name.lowercased() }
        }
        guard !isStanding, user == nil else {
            throw APIError(
                400, "InUseResourceCannotBeDeleted",
                "The \(what) \(name) cannot be deleted: \(user?["name"]?.string ?? "a gateway") uses it.")
        }
    }
}
