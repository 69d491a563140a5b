import LabPlan

/// Values that replace the topology's own for one rehearsal.
public struct RehearsalOverrides: Sendable, Equatable {
    public var duration: Duration?
    public var resetAt: Duration?
    /// Probes per second in each direction of each connection.
    public var probeRate: Double?
    /// Bytes of UDP payload.
    public var probePayload: Int?

    public init(duration: Duration? = nil, resetAt: Duration? = nil, probeRate: Double? = nil, probePayload: Int? = nil) {
        self.duration = duration
        self.resetAt = resetAt
        self.probeRate = probeRate
        self.probePayload = probePayload
    }

    /// The plan with these values in it.
    func applied(to plan: RehearsalPlan) throws(PlanError) -> RehearsalPlan {
        var plan = plan
        plan.duration = try duration.within(RehearsalRule.durations, "duration", \.text) ?? plan.duration
        plan.resetAt = try resetAt.within(RehearsalRule.resetTimes, "resetAt", \.text) ?? plan.resetAt
        plan.probeRate = try probeRate.within(RehearsalRule.probeRates, "probes.rate", \.short) ?? plan.probeRate
        plan.probePayload = try probePayload.within(RehearsalRule.probePayloads, "probes.payload", \.description) ?? plan.probePayload
        guard plan.resetAt < plan.duration else {
            throw PlanError(key: "resetAt", found: "a reset at \(plan.resetAt.text)", allowed: "before the end, \(plan.duration.text)")
        }
        return plan
    }
}

extension Optional where Wrapped: Comparable {
    fileprivate func within(
        _ range: ClosedRange<Wrapped>, _ key: String, _ text: (Wrapped) -> String
    ) throws(PlanError) -> Wrapped? {
        guard let self else { return nil }
        guard range.contains(self) else {
            throw PlanError(key: key, found: text(self), allowed: "from \(text(range.lowerBound)) to \(text(range.upperBound))")
        }
        return self
    }
}
