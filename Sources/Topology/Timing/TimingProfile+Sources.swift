import LabPlan

extension TimingProfile {
    /// Where a plan's durations come from, a sentence each: the profile's document and its choices.
    ///
    /// - Parameter triggers: Whose durations are of interest.
    public static func sources(of timing: TimingPlan, triggers: [TimingPlan.Trigger] = TimingPlan.Trigger.allCases) -> [String] {
        guard let profile = all.first(where: { $0.name == timing.profile }) else {
            return ["The topology's or the rehearsal's own values."]
        }
        return [profile.document]
            + triggers.flatMap { trigger in
                let failover = profile.failover(after: trigger)
                return [
                    "\(trigger.rawValue), detection: \(failover.detection.reason)",
                    "\(trigger.rawValue), takeover: \(failover.takeover.reason)",
                ]
            } + ["boot: \(profile.boot.reason)"]
    }
}
