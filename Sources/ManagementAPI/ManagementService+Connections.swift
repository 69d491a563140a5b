import AgentProtocol
import LabPlan

// Connections: what is asked of them, and how they come, change and go.

extension ManagementService {
    func respond(connection index: Int, of lab: ManagedLab, _ action: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        let name = lab.plan.connections[index].name
        switch (action.segments.map { $0.lowercased() }, request.method) {
        case ([], "GET"), ([], "HEAD"): return .json(try await connection(index, of: lab))
        case ([], "PUT"), ([], "PATCH"): return try await write(connection: index, of: lab, request)
        case ([], "DELETE"): return .init(accepted: try beginDeletion(index, of: lab, request), identity)
        case (["resetconnection"], "POST"):
            return .init(accepted: try beginConnectionReset(index, of: lab, key: request.operationKey), identity)
        case (["getikesas"], "POST"):
            return .init(
                accepted: begin("security associations of \(name)", on: [], key: nil) {
                    let status = try await lab.backend.status()
                    let associations = try await lab.backend.associations()
                    // As the service has it: a JSON text inside of a JSON string.
                    let text = String(decoding: lab.associations(of: index, status, associations).bytes, as: UTF8.self)
                    return .json(.string(text))
                }, identity)
        case (["sharedkey"], "GET"):
            let key = try await lab.backend.preSharedKey(ofConnection: index)
            return .json([
                "value": .string(String(decoding: key.secret, as: UTF8.self)), "id": .string(lab.id("connections", name) + "/sharedKey"),
            ])
        case (["sharedkey"], "PUT"):
            let key = try SharedKey.parse(try request.json()["value"], target: "value")
            return .init(
                created: ["value": .string(String(decoding: key.secret, as: UTF8.self))],
                operation: try beginKeyChange(index, of: lab, to: key, request: request), identity)
        case (["sharedkey", "reset"], "POST"):
            let key = try SharedKey.made(length: try request.json()["keyLength"])
            return .init(accepted: try beginKeyChange(index, of: lab, to: key, request: request), identity)
        case ([], _): throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        case (["sharedkey"], _): throw Self.notAllowed(request, "GET, PUT")
        case (["resetconnection"], _), (["getikesas"], _), (["sharedkey", "reset"], _): throw Self.notAllowed(request, "POST")
        default: throw unknownPath(request)
        }
    }

    func connection(_ index: Int, of lab: ManagedLab) async throws -> JSONValue {
        let status = try await lab.backend.status()
        let isUpdating = isBusy(lab.id("connections", lab.plan.connections[index].name))
        return lab.connection(
            index, status: status.connections.indices.contains(index) ? status.connections[index] : nil, isUpdating: isUpdating)
    }

    /// Begins the reset of a connection; see `beginGatewayReset`.
    @discardableResult
    public func beginConnectionReset(_ index: Int, of lab: ManagedLab, key: String?) throws -> String {
        let name = lab.plan.connections[index].name
        let id = lab.id("connections", name)
        if let begun = store.begun(by: key) { return begun.id }
        try checkFree(id, name)
        return begin("reset of \(name)", on: [id], key: key) {
            try Self.check(try await lab.backend.perform(.resetConnection(index)), "ResetConnectionFailed")
            return APIResponse(204)
        }
    }

    // MARK: - Changes

    private func beginKeyChange(_ index: Int, of lab: ManagedLab, to key: PreSharedKey, request: APIRequest) throws -> String {
        var configuration = lab.plan.connections[index].gatewayConfiguration
        configuration.side.preSharedKey = key
        return try beginChange("new shared key for \(configuration.name)", index, of: lab, to: configuration, key: request.operationKey) {
            .json(["value": .string(String(decoding: key.secret, as: UTF8.self))])
        }
    }

    /// Lets the gateway take another configuration of one of its connections, or of one that it has had.
    private func beginChange(
        _ title: String, _ index: Int, of lab: ManagedLab, to configuration: ConnectionPlan.GatewayConfiguration, key: String?,
        answer: @escaping @Sendable () async throws -> APIResponse
    ) throws -> String {
        if let begun = store.begun(by: key) { return begun.id }
        let id = lab.id("connections", configuration.name)
        try checkFree(id, configuration.name)
        return begin(title, on: [id], key: key) {
            try await lab.backend.configure(connection: index, as: configuration)
            return try await answer()
        }
    }

    /// What of a connection is the gateway's own, and can be changed while its site stays as it is.
    private static let changeable = [
        "connectionMode", "dpdTimeoutSeconds", "ipsecPolicies", "usePolicyBasedTrafficSelectors", "trafficSelectorPolicies",
    ]

    /// A connection is written. What a client leaves out stays as it is: older ones do not know all of it. But a whole one (PUT) without policies
    /// has none, which is how az clears them.
    private func write(connection index: Int, of lab: ManagedLab, _ request: APIRequest) async throws -> APIResponse {
        let body = request.method == "PUT" ? try request.json().withoutPoliciesUnlessGiven : try request.json()
        let current = lab.connection(index, status: nil, isUpdating: false)
        try Self.checkUnchanged(["connectionType"], body, current, "a connection")
        for name in ["virtualNetworkGateway1", "localNetworkGateway2"] {
            guard let wanted = body["properties"]?[name], wanted != .null else { continue }
            guard wanted.referencedName?.lowercased() == current["properties"]?[name]?.referencedName?.lowercased() else {
                throw Self.unchangeable(name, "a connection: it is deleted and created again with another one")
            }
        }
        let known = try await lab.backend.preSharedKey(ofConnection: index)
        var key = known
        if let wanted = body["properties"]?["sharedKey"], wanted != .null {
            key = try SharedKey.parse(wanted, target: "properties.sharedKey")
        }
        let changed = Self.changeable.filter { name in
            guard let wanted = body["properties"]?[name], wanted != .null else { return false }
            return !wanted.isAsIn(current["properties"]?[name] ?? .null)
        }
        if changed.isEmpty, key == known { return .json(try await connection(index, of: lab)) }
        let configuration = try lab.backend.configuration(
            ofConnection: index, by: current.withProperties(changed, of: body), localGateway: lab.localGateway(index), key: key)
        let operation = try beginChange("change of \(configuration.name)", index, of: lab, to: configuration, key: request.operationKey) {
            [unowned self] in .json(try await connection(index, of: lab))
        }
        return .init(created: lab.connection(index, status: nil, isUpdating: true), operation: operation, identity)
    }

    /// The gateway takes a local gateway's other address or prefixes for those of the site's.
    func beginChange(ofLocalGateway resource: JSONValue, _ index: Int, of lab: ManagedLab, _ request: APIRequest) async throws -> String {
        let exists = lab.plan.connections[index].existsAtGateway
        var configuration = try lab.backend.configuration(
            ofConnection: index, by: lab.connection(index, status: nil, isUpdating: false), localGateway: resource,
            key: try await lab.backend.preSharedKey(ofConnection: index))
        configuration.exists = exists
        return try beginChange("change of \(lab.localGatewayName(index))", index, of: lab, to: configuration, key: request.operationKey) {
            .json(resource)
        }
    }

    /// The gateway forgets a connection. Its site stands on, and a connection to it can be created again.
    private func beginDeletion(_ index: Int, of lab: ManagedLab, _ request: APIRequest) throws -> String {
        let name = lab.plan.connections[index].name
        if let begun = store.begun(by: request.operationKey) { return begun.id }
        try checkFree(lab.id("connections", name), name)
        return begin("deletion of \(name)", on: [lab.id("connections", name)], key: request.operationKey) {
            var configuration = lab.plan.connections[index].gatewayConfiguration
            configuration.side.preSharedKey = try await lab.backend.preSharedKey(ofConnection: index)
            configuration.exists = false
            try await lab.backend.configure(connection: index, as: configuration)
            return APIResponse(204)
        }
    }

    // MARK: - New ones

    /// A new connection: its site is built, or is there already from an earlier connection.
    func create(connection name: String, in group: String, _ members: [ManagedLab], _ request: APIRequest) async throws -> APIResponse {
        guard request.method == "PUT" else {
            if request.method == "DELETE" { return APIResponse(204) }
            throw APIError.notFound("connections", name, in: group)
        }
        let (operation, resource) = try await beginCreation(of: name, in: group, members, try request.json(), key: request.operationKey)
        return .init(created: resource, operation: operation, identity)
    }

    func beginCreation(
        of name: String, in group: String, _ members: [ManagedLab], _ body: JSONValue, key: String?
    ) async throws -> (operation: String, resource: JSONValue) {
        let properties = body["properties"]
        let gatewayName = properties?["virtualNetworkGateway1"]?.referencedName ?? ""
        let lab = members.first { $0.gatewayName.lowercased() == gatewayName.lowercased() }
        guard lab != nil || draft("virtualNetworkGateways", gatewayName, in: group) != nil else {
            throw APIError.badRequest(
                "properties.virtualNetworkGateway1 names no gateway of the resource group \(group).",
                target: "properties.virtualNetworkGateway1")
        }
        let secret = try SharedKey.parse(properties?["sharedKey"], target: "properties.sharedKey")
        let made = try connectionResource(name, in: group, body)
        let localName = properties?["localNetworkGateway2"]?.referencedName ?? ""
        if let lab, let index = lab.localGatewayIndex(named: localName) {
            let standing = lab.plan.connections[index]
            guard !standing.existsAtGateway else {
                throw APIError.badRequest(
                    "properties.localNetworkGateway2: \(localName) is used by the connection \(standing.name).",
                    target: "properties.localNetworkGateway2")
            }
            let configuration = try lab.backend.configuration(
                ofConnection: index, by: made, localGateway: lab.localGateway(index), key: secret)
            let operation = try beginChange("new connection \(name)", index, of: lab, to: configuration, key: key) { [unowned self] in
                .json(try await connection(index, of: lab))
            }
            return (operation, made)
        }
        guard let local = draft("localNetworkGateways", localName, in: group) else {
            throw APIError.badRequest(
                "properties.localNetworkGateway2 names no local gateway of the resource group \(group).",
                target: "properties.localNetworkGateway2")
        }
        if let begun = store.begun(by: key) { return (begun.id, made) }
        guard let lab else {
            return (try beginLab(of: gatewayName, in: group, connection: made, localGateway: local, secret: secret, key: key), made)
        }
        if let before = lab.plan.connections.first(where: { $0.name.lowercased() == name.lowercased() }) {
            throw APIError.badRequest(
                "The site of the deleted connection \(before.name), \(lab.plan.nodes[before.site].name), stands: choose another name, or "
                    + "connect to that site again.", target: "name")
        }
        try checkFree(lab.gatewayID, lab.gatewayName)
        let operation = begin("new connection \(name)", on: [lab.gatewayID, lab.id("connections", name)], key: key) { [unowned self] in
            try await lab.backend.add(connection: made, localGateway: local, key: secret)
            return try await self.finishedCreation(name, of: lab, localName, in: group)
        }
        return (operation, made)
    }

    /// A connection as it was asked for, without its key.
    private func connectionResource(_ name: String, in group: String, _ body: JSONValue) throws -> JSONValue {
        guard case .object(var resource) = body, case .object(var kept)? = body["properties"] else {
            throw APIError.badRequest("A connection is a JSON object.")
        }
        kept["sharedKey"] = nil
        kept["provisioningState"] = "Updating"
        kept["connectionStatus"] = "Unknown"
        resource["name"] = .string(name)
        resource["type"] = "Microsoft.Network/connections"
        resource["id"] = .string(resourceID("connections", name, in: group))
        resource["properties"] = .object(kept)
        return .object(resource)
    }

    private func finishedCreation(_ name: String, of lab: ManagedLab, _ local: String, in group: String) async throws -> APIResponse {
        guard let index = lab.connectionIndex(named: name) else { throw APIError(500, "InternalServerError", "\(name) was not built") }
        adopt(localGateway: local, of: lab, connection: index)
        return .json(try await connection(index, of: labs.first { $0.gatewayID == lab.gatewayID } ?? lab))
    }

    /// A local gateway is part of a lab from now on.
    func adopt(localGateway name: String, of lab: ManagedLab, connection index: Int) {
        guard let place = labs.firstIndex(where: { $0.gatewayID == lab.gatewayID }) else { return }
        let own = draft("localNetworkGateways", name, in: lab.resourceGroup)?["name"]?.string ?? name
        labs[place].names.localGateways[index] = own
        removeDraft("localNetworkGateways", name, in: lab.resourceGroup)
    }
}

extension JSONValue {
    /// A connection with an empty list of policies where it has none.
    fileprivate var withoutPoliciesUnlessGiven: JSONValue {
        guard case .object(var members) = self, case .object(var properties)? = members["properties"],
            self["properties"]?["ipsecPolicies"] ?? .null == .null
        else { return self }
        properties["ipsecPolicies"] = []
        members["properties"] = .object(properties)
        return .object(members)
    }

    /// With some of another resource's properties in the place of its own.
    fileprivate func withProperties(_ names: [String], of other: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(var properties)? = members["properties"] else { return self }
        for name in names { properties[name] = other["properties"]?[name] }
        members["properties"] = .object(properties)
        return .object(members)
    }

    /// Whether everything that is here is there too, and the same: clients leave out what they do not know.
    func isAsIn(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let own), .object): own.allSatisfy { $0.value == .null || $0.value.isAsIn(other[$0.key] ?? .null) }
        case (.array(let own), .array(let others)): own.count == others.count && zip(own, others).allSatisfy { $0.isAsIn($1) }
        default: self == other
        }
    }
}
