import AgentProtocol
import LabPlan
import Measurement

/// A lab that stands, as the management API needs it.
public protocol LabBackend: Sendable {
    /// What stands, without keys.
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
    /// What resources say of the gateway's side of a connection that the lab has, deleted or not. What they cannot say stays as it is.
    ///
    /// - Parameters:
    ///   - resource: the connection's, with its name and properties.
    ///   - localGateway: the resource that it names.
    /// - Throws: `APIError` for what a gateway cannot have.
    func configuration(
        ofConnection connection: Int, by resource: JSONValue, localGateway: JSONValue, key: PreSharedKey
    ) throws -> ConnectionPlan.GatewayConfiguration
    /// Configures the gateway's side of a connection; returns when the gateway has it. Whether the tunnel comes up is the site's to say, too.
    func configure(connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) async throws
    /// Builds the site of a new connection and lets it connect; returns when it is built. The plan has it from then on.
    ///
    /// - Throws: `APIError` for what a lab cannot have.
    func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws
    /// Removes the lab. Nothing else is asked of it from then on.
    func takeDown() async throws
}

/// What builds whole labs for a service that may begin some.
public protocol LabFactory: Sendable {
    /// - Parameters:
    ///   - resources: a gateway, the networks, public addresses and local gateways that it needs, and its first connection.
    ///   - key: that connection's.
    /// - Throws: `APIError` for what a lab cannot have.
    func build(_ resources: [JSONValue], connection: String, key: PreSharedKey) async throws -> any LabBackend
}
