import Addressing
import AgentProtocol
import LabPlan

// Gateways: their resets, and the labs that begin and end with them.

extension ManagementService {
    func respond(gatewayOf lab: ManagedLab, _ action: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        let id = lab.gatewayID
        switch (action.segments.map { $0.lowercased() }, request.method) {
        case ([], "GET"), ([], "HEAD"): return .json(lab.gateway(isUpdating: isBusy(id)))
        case ([], "PUT"), ([], "PATCH"):
            // As az vnet-gateway update does it: the whole gateway, of which nothing may be another one.
            try Self.checkUnchanged(
                ["gatewayType", "vpnType", "activeActive", "enableBgp", "sku", "ipConfigurations"], try request.json(),
                lab.gateway(isUpdating: false), "a gateway that stands")
            return .json(lab.gateway(isUpdating: isBusy(id)))
        case ([], "DELETE"): return .init(accepted: try beginDeletion(of: lab, request), identity)
        case (["connections"], _):
            return try only("GET", request) {
                .json([
                    "value": .array(
                        lab.connectionIndices.map { index in
                            lab.connection(index, status: nil, isUpdating: isBusy(lab.id("connections", lab.plan.connections[index].name)))
                        })
                ])
            }
        case (["reset"], _):
            return try only("POST", request) {
                .init(accepted: try beginGatewayReset(of: lab, address: request.query["gatewayvip"], key: request.operationKey), identity)
            }
        case ([], _): throw Self.notAllowed(request, "GET, PUT, PATCH, DELETE")
        default: throw unknownPath(request)
        }
    }

    /// Begins the reset of a gateway: the active instance's, or of an active-active one that has this address.
    ///
    /// - Parameters:
    ///   - address: nil, empty and `None` (which az sends for none) are no address.
    ///   - key: what the client calls its request: with the same one the operation that it began before is told again.
    /// - Returns: the operation's id.
    /// - Throws: `APIError`: 409 while the gateway is busy, 400 for an address that it does not have.
    @discardableResult
    public func beginGatewayReset(of lab: ManagedLab, address text: String?, key: String?) throws -> String {
        if let begun = store.begun(by: key) { return begun.id }
        let address = try Self.address(text, of: lab)
        let resources = try free(lab)
        return begin("reset of \(lab.gatewayName)", on: resources, key: key) { [unowned self] in
            try Self.check(try await lab.backend.perform(.resetGateway(address: address)), "ResetGatewayFailed")
            return .json(await self.freshGateway(lab))
        }
    }

    /// A gateway with all of its connections, which go with it.
    private func free(_ lab: ManagedLab) throws -> [String] {
        let id = lab.gatewayID
        try checkFree(id, lab.gatewayName)
        return [id] + lab.connectionNames.map { lab.id("connections", $0) }
    }

    private static func address(_ text: String?, of lab: ManagedLab) throws -> IPAddress? {
        guard let text, !text.isEmpty, text.lowercased() != "none" else { return nil }
        let known = lab.publicAddresses.map(\.address)
        guard let address = IPAddress(text), known.contains(address) else {
            throw APIError.badRequest(
                "gatewayVip: found \(text); allowed: \(known.map(\.description).joined(separator: ", "))", target: "gatewayVip")
        }
        return address
    }

    private func freshGateway(_ lab: ManagedLab) -> JSONValue { lab.gateway(isUpdating: false) }

    // MARK: - The end of one

    /// The lab is taken down. What is not the gateway's own stays as resources, of which another lab can be made.
    private func beginDeletion(of lab: ManagedLab, _ request: APIRequest) throws -> String {
        if let begun = store.begun(by: request.operationKey) { return begun.id }
        guard lab.connectionIndices.isEmpty else {
            throw APIError(
                400, "VirtualNetworkGatewayCannotBeDeletedInUse",
                "The gateway \(lab.gatewayName) cannot be deleted: it has the connections "
                    + "\(lab.connectionNames.joined(separator: ", ")). Delete them first.")
        }
        let resources = try free(lab)
        let left = ["virtualNetworks", "publicIPAddresses", "localNetworkGateways"].flatMap { type in
            (lab.resources(type) ?? []).map { Draft(group: lab.resourceGroup, type: type, resource: $0.withoutIPConfiguration) }
        }
        return begin("deletion of \(lab.gatewayName)", on: resources, key: request.operationKey) { [unowned self] in
            try await lab.backend.takeDown()
            await self.replace(lab, by: left)
            return APIResponse(204)
        }
    }

    private func replace(_ lab: ManagedLab, by left: [Draft]) {
        remove(lab)
        drafts += left
    }
}

extension ManagedLab {
    var connectionNames: [String] { connectionIndices.map { plan.connections[$0].name } }
}

extension JSONValue {
    /// A public address that no gateway uses.
    fileprivate var withoutIPConfiguration: JSONValue {
        guard case .object(var members) = self, case .object(var properties)? = members["properties"] else { return self }
        properties["ipConfiguration"] = nil
        members["properties"] = .object(properties)
        return .object(members)
    }
}
