import Addressing
import AgentProtocol
import LabPlan

// Resets, and what follows from them: operations that take their time.

extension ManagementService {
    // MARK: - The gateway

    func respond(gatewayOf lab: ManagedLab, _ action: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        let id = lab.id("virtualNetworkGateways", lab.gatewayName)
        switch action.segments.map({ $0.lowercased() }) {
        case [] where request.method == "PUT" || request.method == "PATCH":
            // As az vnet-gateway update does it: the whole gateway, of which nothing may be another one.
            let current = lab.gateway(isUpdating: false)
            try Self.checkUnchanged(
                ["gatewayType", "vpnType", "activeActive", "enableBgp", "sku", "ipConfigurations"], try request.json(), current,
                "a gateway that stands")
            return .json(lab.gateway(isUpdating: isBusy(id)))
        case [] where request.method == "DELETE": throw Self.standing("A gateway")
        case []: return try only("GET", request) { .json(lab.gateway(isUpdating: isBusy(id))) }
        case ["connections"]:
            return try only("GET", request) {
                .json([
                    "value": .array(
                        lab.plan.connections.indices.map { index in
                            lab.connection(index, status: nil, isUpdating: isBusy(lab.id("connections", lab.plan.connections[index].name)))
                        })
                ])
            }
        case ["reset"]:
            return try only("POST", request) {
                .init(accepted: try beginGatewayReset(of: lab, address: request.query["gatewayvip"], key: request.operationKey), identity)
            }
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
        let id = lab.id("virtualNetworkGateways", lab.gatewayName)
        if let begun = store.begun(by: key) { return begun.id }
        let address = try Self.address(text, of: lab)
        try checkFree(id, lab.gatewayName)
        // Its connections go with it.
        let resources = [id] + lab.plan.connections.map { lab.id("connections", $0.name) }
        return begin("reset of \(lab.gatewayName)", on: resources, key: key) { [unowned self] in
            try Self.check(try await lab.backend.perform(.resetGateway(address: address)), "ResetGatewayFailed")
            return .json(await self.freshGateway(lab))
        }
    }

    private static func standing(_ what: String) -> APIError {
        APIError(400, "OperationNotAllowed", "\(what) of a lab that stands cannot be deleted here; it goes when the server ends.")
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

    // MARK: - A connection

    func respond(connection index: Int, of lab: ManagedLab, _ action: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        let name = lab.plan.connections[index].name
        switch (action.segments.map { $0.lowercased() }, request.method) {
        case ([], "GET"), ([], "HEAD"): return .json(try await connection(index, of: lab))
        case ([], "PUT"), ([], "PATCH"): return try await write(connection: index, of: lab, request)
        case ([], "DELETE"): throw Self.standing("A connection")
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
        case (["resetconnection"], _), (["getikesas"], _), (["sharedkey", "reset"], _):
            throw APIError(405, "MethodNotAllowed", "The method \(request.method) is not allowed for \(request.path); allowed: POST.")
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

    private func beginKeyChange(_ index: Int, of lab: ManagedLab, to key: PreSharedKey, request: APIRequest) throws -> String {
        let name = lab.plan.connections[index].name
        let id = lab.id("connections", name)
        if let begun = store.begun(by: request.operationKey) { return begun.id }
        try checkFree(id, name)
        return begin("new shared key for \(name)", on: [id], key: request.operationKey) {
            try await lab.backend.changePreSharedKey(ofConnection: index, to: key)
            return .json(["value": .string(String(decoding: key.secret, as: UTF8.self))])
        }
    }

    /// A whole connection is written: what is as it is stays so, and its key may be a new one. Anything else of a running lab stands in its
    /// topology.
    private func write(connection index: Int, of lab: ManagedLab, _ request: APIRequest) async throws -> APIResponse {
        let body = try request.json()
        let current = lab.connection(index, status: nil, isUpdating: false)
        try Self.checkUnchanged(
            ["connectionType", "connectionMode", "dpdTimeoutSeconds", "ipsecPolicies", "usePolicyBasedTrafficSelectors"], body, current,
            "a connection that stands")
        guard let wanted = body["properties"]?["sharedKey"], wanted != .null else { return .json(try await connection(index, of: lab)) }
        let key = try SharedKey.parse(wanted, target: "properties.sharedKey")
        guard try await lab.backend.preSharedKey(ofConnection: index) != key else { return .json(try await connection(index, of: lab)) }
        let operation = try beginKeyChange(index, of: lab, to: key, request: request)
        return .init(created: lab.connection(index, status: nil, isUpdating: true), operation: operation, identity)
    }

    // MARK: - Operations

    func checkFree(_ id: String, _ name: String) throws {
        guard let operation = store.busy(id) else { return }
        throw APIError(
            409, "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress: \(operation.title), on \(name). To retrieve its status use "
                + operation.url("operations", identity) + ".")
    }

    private static func check(_ outcome: ActionOutcome, _ code: String) throws {
        guard outcome.succeeded else { throw APIError(500, code, outcome.reason ?? "\(outcome.subject) did not come back") }
    }

    /// Lets it run, and keeps what comes of it.
    func begin(
        _ title: String, on resources: [String], key: String?, _ body: @escaping @Sendable () async throws -> APIResponse
    ) -> String {
        let operation = store.begin(title, on: resources, key: key, now: Timestamp.now)
        Task {
            do {
                end(operation.id, .succeeded, try await body())
            } catch let error as APIError {
                end(operation.id, .failed(error), nil)
            } catch let failure as AgentMessage.Failure {
                end(operation.id, .failed(APIError(failure.kind == .badRequest ? 409 : 500, "OperationFailed", failure.message)), nil)
            } catch {
                end(operation.id, .failed(APIError(500, "OperationFailed", "\(error)")), nil)
            }
        }
        return operation.id
    }

    private func end(_ id: String, _ state: OperationStore.Operation.State, _ result: APIResponse?) {
        store.end(id, state, result: result, now: Timestamp.now)
    }

    func operationStatus(_ id: String) throws -> APIResponse {
        let operation = try known(id)
        var body: [String: JSONValue] = [
            "id": .string(operation.url("operations", identity)), "name": .string(operation.id), "status": .string(operation.statusText),
            "startTime": .string(Timestamp.text(nanoseconds: operation.startedAt)),
        ]
        if let end = operation.endedAt { body["endTime"] = .string(Timestamp.text(nanoseconds: end)) }
        if case .failed(let error) = operation.state { body["error"] = error.json["error"] }
        let headers = operation.state == .running ? operation.pollHeaders(identity) : [:]
        return .json(.object(body), headers: headers)
    }

    func operationResult(_ id: String) throws -> APIResponse {
        let operation = try known(id)
        switch operation.state {
        case .running: return APIResponse(202, headers: operation.pollHeaders(identity))
        case .succeeded: return operation.result ?? APIResponse(204)
        case .failed(let error): throw error
        }
    }

    private func known(_ id: String) throws -> OperationStore.Operation {
        guard let operation = store[id] else { throw APIError(404, "NotFound", "The operation '\(id)' is not known to this server.") }
        return operation
    }
}

extension OperationStore.Operation {
    func url(_ kind: String, _ identity: ServiceIdentity) -> String { Self.url(kind, id, identity) }

    static func url(_ kind: String, _ id: String, _ identity: ServiceIdentity) -> String {
        "\(identity.endpoint)/subscriptions/\(identity.subscription)/providers/Microsoft.Network/locations/\(identity.location)/\(kind)/\(id)"
            + "?api-version=2024-05-01"
    }

    func pollHeaders(_ identity: ServiceIdentity) -> [String: String] { Self.pollHeaders(id, identity) }

    /// Both URLs: a client that is given the first alone gets no resource back.
    static func pollHeaders(_ id: String, _ identity: ServiceIdentity) -> [String: String] {
        [
            "Azure-AsyncOperation": url("operations", id, identity), "Location": url("operationResults", id, identity), "Retry-After": "1",
        ]
    }
}

extension APIResponse {
    /// The operation has begun, and has no answer yet.
    init(accepted operation: String, _ identity: ServiceIdentity) {
        self.init(202, headers: OperationStore.Operation.pollHeaders(operation, identity))
    }

    /// A resource is being written.
    init(created resource: JSONValue, operation: String, _ identity: ServiceIdentity) {
        let headers = OperationStore.Operation.pollHeaders(operation, identity)
        // A PUT ends with the resource itself, which clients fetch: a Location besides would be followed in its place.
        self = .json(resource, status: 201, headers: headers.filter { $0.key != "Location" })
    }
}

extension APIRequest {
    /// What the client calls this request: the same for every attempt. nil for clients that do not say.
    var operationKey: String? {
        (headers["x-ms-client-request-id"] ?? headers["x-ms-correlation-request-id"]).map { "\(method) \(path.lowercased()) \($0)" }
    }

    func json() throws -> JSONValue {
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw APIError.badRequest("The request's body is not the JSON object that is expected here.")
        }
    }
}

enum SharedKey {
    /// The service's own bounds (connection shared key: 1 to 128 printable ASCII characters).
    static let lengths = 1...128

    static func parse(_ value: JSONValue?, target: String) throws -> PreSharedKey {
        // The key itself is in no message.
        guard let text = value?.string, lengths.contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw APIError.badRequest(
                "\(target): allowed is a text of \(lengths.lowerBound) to \(lengths.upperBound) printable ASCII characters.", target: target
            )
        }
        return PreSharedKey(secret: Array(text.utf8))
    }

    static func made(length: JSONValue?) throws -> PreSharedKey {
        guard let length = length?.integer, lengths.contains(Int(clamping: length)) else {
            throw APIError.badRequest(
                "keyLength: allowed is an integer from \(lengths.lowerBound) to \(lengths.upperBound).", target: "keyLength")
        }
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var generator = SystemRandomNumberGenerator()
        return PreSharedKey(secret: (0..<Int(length)).compactMap { _ in characters.randomElement(using: &generator) })
    }
}
