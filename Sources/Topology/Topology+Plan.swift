import LabPlan

extension Topology {
    /// Works out the lab. The same arguments give the same plan, to the byte.
    ///
    /// - Parameters:
    ///   - labName: The lab's name, part of every namespace's; nil for the topology's own.
    ///   - seed: What the lab's randomness comes from, keys that are not written among it.
    ///   - overrides: Values of the rehearsal that replace the topology's.
    public func plan(labName: String? = nil, seed: UInt64, overrides: RehearsalOverrides = .init()) throws(PlanError) -> LabPlan {
        try plan(labName: labName, seed: seed, rehearsal: try overrides.applied(to: rehearsal))
    }

    /// Works out the lab with another rehearsal than the topology's own.
    ///
    /// - Throws: `TopologyErrors` for what the rehearsal's file names and the topology does not have; `PlanError` for other arguments.
    public func plan(
        labName: String? = nil, seed: UInt64, rehearsal: Rehearsal, overrides: RehearsalOverrides = .init()
    ) throws -> LabPlan {
        var lab = try plan(labName: labName, seed: seed, rehearsal: self.rehearsal)
        lab.rehearsal = try overrides.applied(to: rehearsal.plan(in: lab))
        if let timing = rehearsal.timing { lab.timing = timing }
        return lab
    }

    private func plan(labName: String?, seed: UInt64, rehearsal: RehearsalPlan) throws(PlanError) -> LabPlan {
        let lab = labName ?? name
        if let problem = NameRule.lab.problem(of: lab) {
            throw PlanError(key: "name", found: "\(quoted(lab)), \(problem)", allowed: NameRule.lab.allowed)
        }
        return PlanResolver.resolve(self, lab: lab, seed: seed, rehearsal: rehearsal)
    }
}
