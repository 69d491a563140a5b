/// A timer the gateway asked for. One timer of each purpose runs at a time; the generation tells it from an earlier one whose end was
/// already on its way when it was cancelled.
public struct GatewayTimer: Sendable, Hashable {
    public enum Purpose: Sendable, Hashable {
        /// Until the instance's peer notices that it is away (`TimingPlan.Failover.detection`).
        case detection(of: InstanceID)
        /// From the notice until the peer takes its addresses (`TimingPlan.Failover.takeover`).
        case takeover(of: InstanceID)
        /// Until an instance has restarted (`TimingPlan.boot`).
        case boot(InstanceID)
        /// Until the instance announces its addresses again (`TimingPlan.Announcements.interval`).
        case announcement(InstanceID)
    }

    public let purpose: Purpose
    public let generation: Int

    public init(purpose: Purpose, generation: Int) {
        self.purpose = purpose
        self.generation = generation
    }
}
