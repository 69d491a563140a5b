import AgentProtocol
import LabPlan
import Measurement

/// The management API over labs: requests in, answers out, whatever carries them. All state is the labs' own, but for the operations.
///
///     let service = ManagementService(identity: identity, token: token)
///     await service.add(ManagedLab(resourceGroup: "TestRG5", backend: lab, identity: identity))
///     let response = await service.respond(to: request)
public actor ManagementService {
    public nonisolated let identity: ServiceIdentity
    public nonisolated let token: AccessToken
    /// What builds labs of gateways that are created; nil where none can be.
    let factory: (any LabFactory)?
    var labs: [ManagedLab] = []
    var store = OperationStore()
    var drafts: [Draft] = []
    /// Resource groups stay when the last of their resources has gone.
    private var groups: [String] = []
    /// By group and name.
    var deployments: [String: Deployment] = [:]

    public init(identity: ServiceIdentity, token: AccessToken, factory: (any LabFactory)? = nil) {
        self.identity = identity
        self.token = token
        self.factory = factory
    }

    /// - Throws: `APIError` when the resource group has a gateway of this name.
    public func add(_ lab: ManagedLab) throws {
        guard !labs.contains(where: { $0.isIn(lab.resourceGroup) && $0.gatewayName.lowercased() == lab.gatewayName.lowercased() }) else {
            throw APIError.badRequest("the resource group \(lab.resourceGroup) has two gateways named \(lab.gatewayName)")
        }
        labs.append(lab)
        addGroup(lab.resourceGroup)
    }

    func remove(_ lab: ManagedLab) { labs.removeAll { $0.gatewayID == lab.gatewayID } }

    private func addGroup(_ name: String) {
        if !groups.contains(where: { $0.lowercased() == name.lowercased() }) { groups.append(name) }
    }

    public var managedLabs: [ManagedLab] { labs }

    /// One operation, for people.
    public struct OperationSummary: Sendable {
        public var title: String
        public var startedAt: Int64
        public var endedAt: Int64?
        /// `InProgress`, `Succeeded` or `Failed`.
        public var status: String
        public var failure: String?
    }

    /// The newest first.
    public var operations: [OperationSummary] {
        store.operations.reversed().map { operation in
            var failure: String?
            if case .failed(let error) = operation.state { failure = error.message }
            return OperationSummary(
                title: operation.title, startedAt: operation.startedAt, endedAt: operation.endedAt, status: operation.statusText,
                failure: failure)
        }
    }

    // MARK: - Requests

    public func respond(to request: APIRequest) async -> APIResponse {
        do {
            return try await route(request)
        } catch let error as APIError {
            return error.response
        } catch let failure as AgentMessage.Failure {
            let isConflict = failure.kind == .badRequest
            return APIError(
                isConflict ? 409 : 500, isConflict ? "AnotherOperationInProgress" : "InternalServerError", failure.message
            ).response
        } catch {
            return APIError(500, "InternalServerError", "\(error)").response
        }
    }

    private func route(_ request: APIRequest) async throws -> APIResponse {
        let path = ResourcePath(request.path)
        if path.rest(behind: "metadata", "endpoints") != nil { return try only("GET", request) { metadata } }
        if path.rest(behind: "msi", "token") != nil { return try only("GET", request) { try managedIdentityToken(request) } }
        guard token.isIn(request.headers["authorization"]) else {
            throw APIError(
                401, "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header has to carry this server's bearer token; the token endpoint hands it out."
            )
        }
        if let response = try classic(path, request) { return response }
        if path == ResourcePath("tenants") {
            return .json(["value": [["id": .string("/tenants/\(identity.tenant)"), "tenantId": .string(identity.tenant)]]])
        }
        guard path.first?.lowercased() == "subscriptions" else { throw unknownPath(request) }
        guard let (subscription, rest) = path.value(behind: "subscriptions") else {
            return try only("GET", request) { .json(["value": [subscriptionResource]]) }
        }
        guard subscription.lowercased() == identity.subscription.lowercased() else {
            throw APIError(404, "SubscriptionNotFound", "The subscription '\(subscription)' could not be found.")
        }
        return try await routeSubscription(rest, request)
    }

    private func routeSubscription(_ path: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        if path.isEmpty { return try only("GET", request) { .json(subscriptionResource) } }
        if path == ResourcePath("locations") {
            return .json(["value": [["name": .string(identity.location), "displayName": .string(identity.location)]]])
        }
        if let rest = path.rest(behind: "resourcegroups") {
            guard let group = rest.first else {
                return try only("GET", request) { .json(["value": .array(groups.map { groupResource($0) })]) }
            }
            guard let known = groups.first(where: { $0.lowercased() == group.lowercased() }) else {
                if request.method == "PUT", rest.segments.count == 1 {
                    guard factory != nil else { throw APIError(400, "OperationNotAllowed", "This service has no other resource groups.") }
                    addGroup(group)
                    return .json(groupResource(group), status: 201)
                }
                throw APIError(404, "ResourceGroupNotFound", "Resource group '\(group)' could not be found.")
            }
            let inside = ResourcePath(segments: Array(rest.segments.dropFirst()))
            if inside.isEmpty, request.method == "PUT" { return .json(groupResource(known)) }
            if inside.isEmpty { return try only("GET", request) { .json(groupResource(known)) } }
            return try await routeGroup(known, inside, request)
        }
        if let rest = path.rest(behind: "providers", "Microsoft.Network") {
            if rest.isEmpty { return try only("GET", request) { .json(provider) } }
            if let rest = rest.rest(behind: "locations"), rest.segments.count == 3 {
                return try only("GET", request) {
                    rest.segments[1].lowercased() == "operations"
                        ? try operationStatus(rest.segments[2]) : try operationResult(rest.segments[2])
                }
            }
            if rest.segments.count == 1 {
                return try only("GET", request) {
                    .json(["value": .array(try groups.flatMap { try list(rest.segments[0], in: $0, request) })])
                }
            }
        }
        if path.rest(behind: "providers", "Microsoft.ResourceHealth", "availabilityStatuses") != nil {
            return .json(["value": .array(try await healthOverview(labs))])
        }
        if path == ResourcePath("resources") {
            return try only("GET", request) { .json(["value": .array(try groups.flatMap { try everything(in: $0, request) })]) }
        }
        throw unknownPath(request)
    }

    private func routeGroup(_ group: String, _ path: ResourcePath, _ request: APIRequest) async throws -> APIResponse {
        let members = labs.filter { $0.isIn(group) }
        if path == ResourcePath("resources") {
            return try only("GET", request) { .json(["value": .array(try everything(in: group, request))]) }
        }
        if path.rest(behind: "providers", "Microsoft.ResourceHealth", "availabilityStatuses") != nil {
            return .json(["value": .array(try await healthOverview(members))])
        }
        if let rest = path.rest(behind: "providers", "Microsoft.Resources", "deployments"), let name = rest.first {
            return try await respond(
                deployment: name, in: group, members, ResourcePath(segments: Array(rest.segments.dropFirst())), request)
        }
        guard let rest = path.rest(behind: "providers", "Microsoft.Network"), let type = rest.first else { throw unknownPath(request) }
        guard rest.segments.count > 1 else {
            return try only("GET", request) { .json(["value": .array(try list(type, in: group, request))]) }
        }
        let name = rest.segments[1]
        let action = ResourcePath(segments: Array(rest.segments.dropFirst(2)))
        if let health = action.rest(behind: "providers", "Microsoft.ResourceHealth", "availabilityStatuses") {
            return try await only("GET", request) {
                try await self.health(of: type, name, in: group, members, isCurrent: health == ResourcePath("current"))
            }
        }
        switch type.lowercased() {
        case "virtualnetworkgateways":
            guard let lab = members.first(where: { $0.gatewayName.lowercased() == name.lowercased() }) else {
                return try respond(draftGateway: name, in: group, members, action, request)
            }
            return try await respond(gatewayOf: lab, action, request)
        case "connections":
            for lab in members {
                if let index = lab.connectionIndex(named: name) { return try await respond(connection: index, of: lab, action, request) }
            }
            guard action.isEmpty else { throw APIError.notFound("connections", name, in: group) }
            return try await create(connection: name, in: group, members, request)
        case "localnetworkgateways" where action.isEmpty:
            return try await respond(localGateway: name, in: group, members, request)
        case "virtualnetworks": return try respond(network: name, in: group, members, action, request)
        case "publicipaddresses" where action.isEmpty: return try respond(publicAddress: name, in: group, members, request)
        default: throw action.isEmpty ? APIError.notFound(type, name, in: group) : unknownPath(request)
        }
    }

    // MARK: - What there is

    private func groupResource(_ name: String) -> JSONValue {
        [
            "id": .string("/subscriptions/\(identity.subscription)/resourceGroups/\(name)"), "name": .string(name),
            "type": "Microsoft.Resources/resourceGroups", "location": .string(identity.location), "tags": [:],
            "properties": ["provisioningState": "Succeeded"],
        ]
    }

    private var subscriptionResource: JSONValue {
        [
            "id": .string("/subscriptions/\(identity.subscription)"), "subscriptionId": .string(identity.subscription),
            "tenantId": .string(identity.tenant), "displayName": "Resetlab", "state": "Enabled",
            "subscriptionPolicies": ["spendingLimit": "Off"], "authorizationSource": "RoleBased",
        ]
    }

    private var metadata: APIResponse {
        .json([
            "name": "resetlab", "resourceManager": .string(identity.endpoint), "portal": .string(identity.endpoint + "/portal"),
            "authentication": [
                "loginEndpoint": .string(identity.endpoint + "/adfs"), "audiences": ["https://management.core.windows.net/"],
                "tenant": .string(identity.tenant), "identityProvider": "ADFS",
            ], "suffixes": [:],
        ])
    }

    private func managedIdentityToken(_ request: APIRequest) throws -> APIResponse {
        guard request.headers["x-identity-header"] != nil || request.headers["metadata"] != nil else {
            throw APIError.badRequest("the header X-IDENTITY-HEADER is missing: IDENTITY_HEADER is not set")
        }
        return .json([
            "access_token": .string(token.text), "expires_on": .string("\(token.expiresAt)"), "token_type": "Bearer",
            "resource": .string(request.query["resource"] ?? "https://management.core.windows.net/"),
        ])
    }

    private var provider: JSONValue {
        [
            "id": .string("/subscriptions/\(identity.subscription)/providers/Microsoft.Network"), "namespace": "Microsoft.Network",
            "registrationState": "Registered",
            "resourceTypes": .array(
                (ManagedLab.types + ["locations/operations"]).map {
                    [
                        "resourceType": .string($0), "locations": [.string(identity.location)],
                        "apiVersions": ["2024-05-01", "2024-03-01", "2023-09-01", "2021-08-01", "2018-11-01"],
                    ]
                }),
        ]
    }

    /// - Throws: `APIError` for a type that there is none of.
    private func list(_ type: String, in group: String, _ request: APIRequest) throws -> [JSONValue] {
        guard ManagedLab.types.contains(where: { $0.lowercased() == type.lowercased() }) else { throw unknownPath(request) }
        return labs.filter { $0.isIn(group) }.flatMap { $0.resources(type, isUpdating: isBusy) ?? [] } + drafts(type, in: group)
    }

    private func everything(in group: String, _ request: APIRequest) throws -> [JSONValue] {
        try ManagedLab.types.flatMap { try list($0, in: group, request) }
    }

    func isBusy(_ id: String) -> Bool { store.busy(id) != nil }

    // MARK: - Answers

    func only(_ method: String, _ request: APIRequest, _ body: () async throws -> APIResponse) async throws -> APIResponse {
        try Self.check(method, request)
        return try await body()
    }

    func only(_ method: String, _ request: APIRequest, _ body: () throws -> APIResponse) throws -> APIResponse {
        try Self.check(method, request)
        return try body()
    }

    private static func check(_ method: String, _ request: APIRequest) throws {
        guard request.method == method || request.method == "HEAD" && method == "GET" else { throw notAllowed(request, method) }
    }

    static func notAllowed(_ request: APIRequest, _ allowed: String) -> APIError {
        APIError(405, "MethodNotAllowed", "The method \(request.method) is not allowed for \(request.path); allowed: \(allowed).")
    }

    static func checkUnchanged(_ names: [String], _ body: JSONValue, _ current: JSONValue, _ what: String) throws {
        for name in names {
            guard let wanted = body["properties"]?[name], wanted != .null, let found = current["properties"]?[name], !wanted.isAsIn(found)
            else { continue }
            throw unchangeable(name, what)
        }
    }

    static func unchangeable(_ name: String, _ what: String) -> APIError {
        APIError(400, "PropertyChangeNotAllowed", "properties.\(name) cannot be changed of \(what).", target: "properties.\(name)")
    }

    func unknownPath(_ request: APIRequest) -> APIError {
        APIError(404, "InvalidResourceType", "The path \(request.path) is nothing that this service has.")
    }
}

extension ManagedLab {
    var gatewayID: String { id("virtualNetworkGateways", gatewayName) }
    func isIn(_ group: String) -> Bool { resourceGroup.lowercased() == group.lowercased() }
}

extension OperationStore.Operation {
    var statusText: String {
        switch state {
        case .running: "InProgress"
        case .succeeded: "Succeeded"
        case .failed: "Failed"
        }
    }
}
