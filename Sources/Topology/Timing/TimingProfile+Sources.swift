import LabPlan

extension TimingProfile {
    /// Where a plan's durations come from, a sentence each: the profile's document and its choices.
    public static func sources(of timing: TimingPlan) -> [String] {
        guard let profile = all.first(where: { $0.name == timing.profile }) else { return ["The topology's own values."] }
        return [
            profile.document, "detection: \(profile.detection.reason)", "takeover: \(profile.takeover.reason)",
            "boot: \(profile.boot.reason)",
        ]
    }
}
