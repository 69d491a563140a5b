import AgentProtocol
import LabPlan
import Measurement

/// A lab that stands, as the management API needs it.
public protocol LabBackend: Sendable {
    /// What was built, without keys.
    var plan: LabPlan { get }
    func status() async throws -> LabStatus
    /// Does something to the lab; returns when its effect is over.
    ///
    /// - Throws: `AgentMessage.Failure` of kind `badRequest` when it cannot be done now.
    func perform(_ action: LabAction) async throws -> ActionOutcome
    func associations() async throws -> [AssociationRecord]
    /// The kept history, the oldest entry first; times are nanoseconds since 1970.
    func health() async throws -> [HealthEntry]
    /// The gateway's pre-shared key of a connection.
    func preSharedKey(ofConnection connection: Int) async throws -> PreSharedKey
    /// Changes that key; the connection is agreed on anew with it.
    func changePreSharedKey(ofConnection connection: Int, to key: PreSharedKey) async throws
    /// Builds the site of a new connection and lets it connect; returns when it is built. The plan has it from then on.
    ///
    /// - Parameters:
    ///   - connection: the resource, with its name and properties.
    ///   - localGateway: the resource that it names.
    /// - Throws: `APIError` for what a lab cannot have.
    func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws
}

extension LabBackend {
    public func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws {
        throw APIError(400, "OperationNotAllowed", "This lab takes no more sites.")
    }
}
