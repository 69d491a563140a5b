import AgentProtocol
import LabPlan
import ManagementAPI
import Measurement

/// A plan that was not built: it has resources and no state.
struct UnbuiltLab: LabBackend {
    var plan: LabPlan

    struct NotBuilt: Error {}

    func status() async throws -> LabStatus { throw NotBuilt() }
    func perform(_ action: LabAction) async throws -> ActionOutcome { throw NotBuilt() }
    func associations() async throws -> [AssociationRecord] { throw NotBuilt() }
    func health() async throws -> [HealthEntry] { throw NotBuilt() }
    func preSharedKey(ofConnection connection: Int) async throws -> PreSharedKey { throw NotBuilt() }
    func configuration(
        ofConnection connection: Int, by resource: JSONValue, localGateway: JSONValue, key: PreSharedKey
    ) throws -> ConnectionPlan.GatewayConfiguration { throw NotBuilt() }
    func configure(connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) async throws { throw NotBuilt() }
    func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws { throw NotBuilt() }
    func takeDown() async throws { throw NotBuilt() }
}
