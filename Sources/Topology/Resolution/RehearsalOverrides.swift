import LabPlan

/// Values that replace the topology's own for one rehearsal.
public struct RehearsalOverrides: Sendable, Equatable {
    public var duration: Duration?
    /// When the first step begins that has a time of its own: the reset, in most rehearsals.
    public var resetAt: Duration?
    /// Probes per second in each direction of each connection.
    public var probeRate: Double?
    /// Bytes of UDP payload.
    public var probePayload: Int?
    /// Besides the rehearsal's own.
    public var expectations: [ExpectationPlan]
    /// Instead of the rehearsal's own.
    public var applications: ApplicationPlan?
    /// Whether the usual applications run where the rehearsal has none.
    public var wantsApplications: Bool

    public init(
        duration: Duration? = nil, resetAt: Duration? = nil, probeRate: Double? = nil, probePayload: Int? = nil,
        expectations: [ExpectationPlan] = [], applications: ApplicationPlan? = nil, wantsApplications: Bool = false
    ) {
        self.duration = duration
        self.resetAt = resetAt
        self.probeRate = probeRate
        self.probePayload = probePayload
        self.expectations = expectations
        self.applications = applications
        self.wantsApplications = wantsApplications
    }

    /// These values, and `others` for what is nil.
    public func over(_ others: RehearsalOverrides) -> RehearsalOverrides {
        RehearsalOverrides(
            duration: duration ?? others.duration, resetAt: resetAt ?? others.resetAt, probeRate: probeRate ?? others.probeRate,
            probePayload: probePayload ?? others.probePayload, expectations: others.expectations + expectations,
            applications: applications ?? others.applications, wantsApplications: wantsApplications || others.wantsApplications)
    }

    /// The plan with these values in it.
    func applied(to plan: RehearsalPlan) throws(PlanError) -> RehearsalPlan {
        var plan = plan
        plan.duration = try duration.within(RehearsalRule.durations, "duration", \.text) ?? plan.duration
        plan.probeRate = try probeRate.within(RehearsalRule.probeRates, "probes.rate", \.short) ?? plan.probeRate
        plan.probePayload = try probePayload.within(RehearsalRule.probePayloads, "probes.payload", \.description) ?? plan.probePayload
        plan.expectations += expectations
        plan.applications = applications ?? plan.applications ?? (wantsApplications ? ApplicationPlan() : nil)
        if plan.applications == nil, let lacking = plan.expectations.first(where: \.quantity.needsApplications) {
            throw PlanError(
                key: "expect", found: "\(quoted(lacking.text)), of a rehearsal without applications",
                allowed: "\"applications: standard\" in it, or --applications")
        }
        if let start = try resetAt.within(RehearsalRule.resetTimes, "resetAt", \.text) { try plan.moveFirstStep(to: start) }
        // Whichever value moved it there: only resetAt can bring it back.
        if let last = plan.fixedStarts.last, last >= plan.duration {
            let step = plan.fixedStarts.count == 1 ? "a reset" : "a step"
            throw PlanError(key: "resetAt", found: "\(step) at \(last.text)", allowed: "before the end, \(plan.duration.text)")
        }
        return plan
    }
}

extension RehearsalPlan {
    /// The starts that are times, in the steps' order.
    fileprivate var fixedStarts: [Duration] {
        steps.compactMap { if case .at(let time) = $0.start { time } else { nil } }
    }

    fileprivate mutating func moveFirstStep(to start: Duration) throws(PlanError) {
        let fixed = steps.indices.filter { if case .at = steps[$0].start { true } else { false } }
        guard let first = fixed.first else {
            throw PlanError(key: "resetAt", found: start.text, allowed: "nothing: no step of \(name) begins at a time of its own")
        }
        if let second = fixed.dropFirst().first, case .at(let next) = steps[second].start, start > next {
            throw PlanError(key: "resetAt", found: start.text, allowed: "at most \(next.text), when the next step begins")
        }
        steps[first].start = .at(start)
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
