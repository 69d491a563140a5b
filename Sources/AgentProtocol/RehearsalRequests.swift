import LabPlan
import Measurement

/// The requests that one rehearsal consists of, and what the answers to them are.
public struct RehearsalRequests: Sendable {
    public let all: [AgentRequest]
    private let rehearsal: Int
    /// nil without measuring.
    private let use: (before: Int, after: Int)?

    /// - Parameter measuresUse: whether the kernel's use of its processor is asked for, from the agent's start to the lab's end.
    public init(_ plan: LabPlan, measuresUse: Bool) {
        var operations: [AgentRequest.Operation] = [.build(plan), .rehearse]
        if measuresUse { operations = [.processorUse] + operations + [.tearDown, .processorUse] }
        operations.append(.shutDown)
        all = operations.enumerated().map { AgentRequest(id: $0.offset + 1, operation: $0.element) }
        rehearsal = measuresUse ? 3 : 2
        use = measuresUse ? (1, 5) : nil
    }

    /// nil when the agent answered something else.
    public func result(in answers: [Int: AgentMessage.Answer]) -> RehearsalResult? {
        guard case .rehearsed(let result)? = answers[rehearsal] else { return nil }
        return result
    }

    /// From the agent's start to the lab's end; nil when it was not asked for.
    public func use(in answers: [Int: AgentMessage.Answer]) -> ProcessorUse? {
        guard let use, case .processorUse(let before)? = answers[use.before], case .processorUse(let after)? = answers[use.after] else {
            return nil
        }
        return after - before
    }
}
