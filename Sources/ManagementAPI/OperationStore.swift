#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The long-running operations of a service (Azure-AsyncOperation, RPC-v1.0 of the resource manager's provider contract).
struct OperationStore {
    struct Operation: Sendable {
        enum State: Sendable, Equatable {
            case running
            case succeeded
            case failed(APIError)
        }

        var id: String
        /// `reset of VNet1GW`, for people.
        var title: String
        /// Resources that it keeps busy, by lower-case id.
        var resources: Set<String>
        var startedAt: Int64
        var endedAt: Int64?
        var state = State.running
        /// What is answered for `operationResults` once it has succeeded.
        var result: APIResponse?
    }

    private(set) var operations: [Operation] = []
    /// Requests by what their client calls them: a repetition is the same operation.
    private var requests: [String: String] = [:]

    /// The oldest ended ones are forgotten above this.
    static let kept = 1_000

    subscript(id: String) -> Operation? { operations.last { $0.id == id.lowercased() } }

    /// What a request with this key has begun before.
    func begun(by key: String?) -> Operation? { key.flatMap { requests[$0] }.flatMap { self[$0] } }

    func busy(_ resource: String) -> Operation? {
        operations.last { $0.state == .running && $0.resources.contains(resource.lowercased()) }
    }

    mutating func begin(_ title: String, on resources: [String], key: String?, now: Int64) -> Operation {
        let operation = Operation(
            id: UUID().uuidString.lowercased(), title: title, resources: Set(resources.map { $0.lowercased() }), startedAt: now)
        if let key { requests[key] = operation.id }
        operations.append(operation)
        if operations.count > Self.kept, let oldest = operations.firstIndex(where: { $0.state != .running }) {
            let id = operations.remove(at: oldest).id
            requests = requests.filter { $0.value != id }
        }
        return operation
    }

    mutating func end(_ id: String, _ state: Operation.State, result: APIResponse? = nil, now: Int64) {
        guard let index = operations.lastIndex(where: { $0.id == id }) else { return }
        operations[index].state = state
        operations[index].result = result
        operations[index].endedAt = now
    }
}
