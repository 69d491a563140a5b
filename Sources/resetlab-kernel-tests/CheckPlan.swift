import AgentProtocol
import LabPlan
import LinuxKernel

/// The labs that the checks build. First the plan of `topologies/two-sites.yaml`, as the controller hands it to the agent. Only the controller
/// resolves topologies, so that whoever makes the guest's image puts it there.
enum CheckPlan {
    static let file = "/checks/two-sites.plan.json"

    /// The plan of `topologies/active-active.yaml`.
    static let activeActiveFile = "/checks/active-active.plan.json"

    static func load(_ file: String = file) throws -> LabPlan { try JSONLines.decode(LabPlan.self, from: try FileContents.read(file)) }
}
