/// A timer the gateway asked for. One timer of each purpose runs at a time; the generation tells it from an earlier one whose end was
/// already on its way when it was cancelled.
public struct GatewayTimer: Sendable, Hashable {
    public enum Purpose: Sendable, Hashable {
        /// Until the standby notices that the active instance is away (`TimingPlan.detection`).
        case detection
        /// From the notice until the standby takes the addresses (`TimingPlan.takeover`).
        case takeover
        /// Until an instance has restarted (`TimingPlan.boot`).
        case boot(InstanceID)
        /// Until the addresses are announced again (`TimingPlan.Announcements.interval`).
        case announcement
    }

    public let purpose: Purpose
    public let generation: Int

    public init(purpose: Purpose, generation: Int) {
        self.purpose = purpose
        self.generation = generation
    }
}
