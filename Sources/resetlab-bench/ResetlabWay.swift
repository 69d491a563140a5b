import AgentProtocol
import EventLoop
import Lab
import LabPlan
import XFRM

/// As users get it: the agent's own orchestrator, sockets and journal included.
final class ResetlabWay: LabWay {
    let name = "resetlab"
    private(set) var lab: Laboratory?
    private let plan: LabPlan
    private let environment: LabEnvironment
    private let security: [NodeSecurity]

    /// - Parameter security: what is installed besides.
    init(_ plan: LabPlan, _ environment: LabEnvironment, security: [NodeSecurity]) {
        (self.plan, self.environment, self.security) = (plan, environment, security)
    }

    func build() throws {
        let lab = try Laboratory(plan: plan, loop: EventLoop(), environment: environment) { _ in }
        self.lab = lab
        var batch = XFRMBatch()
        for part in security {
            try part.fill(&batch)
            if let failure = try lab.nodes[part.node].security?.apply(&batch).first { throw failure }
        }
    }

    func takeDown() throws {
        let errors = lab?.tearDown() ?? []
        lab = nil
        if let error = errors.first { throw error }
    }
}
