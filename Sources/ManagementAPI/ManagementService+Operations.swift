import AgentProtocol

// Operations that take their time: how they run, and what is told of them.

extension ManagementService {
    func checkFree(_ id: String, _ name: String) throws {
        guard let operation = store.busy(id) else { return }
        throw APIError(
            409, "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress: \(operation.title), on \(name). To retrieve its status use "
                + operation.url("operations", identity) + ".")
    }

    static func check(_ outcome: ActionOutcome, _ code: String) throws {
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
