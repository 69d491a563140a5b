import LabPlan

/// What a keeper looks at before a reset: it has the plan with its keys, and hands out findings only.
enum ResetChecks {
    /// - Parameter connection: the one to be reset; nil for a gateway's reset, which concerns all.
    static func checksBefore(resetOf connection: Int?, in plan: LabPlan) -> [CheckFinding] {
        []
    }
}
