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
    func changePreSharedKey(ofConnection connection: Int, to key: PreSharedKey) async throws { throw NotBuilt() }
}
