import LabPlan

extension Topology {
    /// Works out the lab. The same arguments give the same plan, to the byte.
    ///
    /// - Parameters:
    ///   - labName: The lab's name, part of every namespace's; nil for the topology's own.
    ///   - seed: What the lab's randomness comes from, keys that are not written among it.
    ///   - overrides: Values of the rehearsal that replace the topology's.
    public func plan(labName: String? = nil, seed: UInt64, overrides: RehearsalOverrides = .init()) throws(PlanError) -> LabPlan {
        let lab = labName ?? name
        if let problem = NameRule.lab.problem(of: lab) {
            throw PlanError(key: "name", found: "\(quoted(lab)), \(problem)", allowed: NameRule.lab.allowed)
        }
        return PlanResolver.resolve(self, lab: lab, seed: seed, rehearsal: try overrides.applied(to: rehearsal))
    }
}
