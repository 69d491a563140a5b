import LabPlan

/// How long the steps of a failover take according to a published document.
public struct TimingProfile: Sendable, Equatable {
    /// What a topology names it by.
    public var name: String
    /// The document, with its edition.
    public var document: String
    public var reset: Failover
    public var maintenance: Failover
    public var failure: Failover
    public var boot: Choice

    /// The steps from an instance's end to its peer's forwarding.
    public struct Failover: Sendable, Equatable {
        public var detection: Choice
        public var takeover: Choice

        public init(detection: Choice, takeover: Choice) {
            self.detection = detection
            self.takeover = takeover
        }

        var plan: TimingPlan.Failover { .init(detection: detection.duration, takeover: takeover.duration) }
    }

    /// A duration, and why it was chosen where the document gives a range, a bound or nothing.
    public struct Choice: Sendable, Equatable {
        public var duration: Duration
        public var reason: String

        public init(_ duration: Duration, _ reason: String) {
            self.duration = duration
            self.reason = reason
        }
    }

    /// What a plan's timing is called once a topology replaced any of its profile's durations.
    public static let custom = "custom"

    /// The profile of topologies that name none.
    public static let standard = azure2021

    public static let all = [instant, azure2016, azure2021, azure2025]

    public func failover(after trigger: TimingPlan.Trigger) -> Failover {
        switch trigger {
        case .reset: reset
        case .maintenance: maintenance
        case .failure: failure
        }
    }

    /// The durations, with announcements and retransmission as every profile has them.
    public var plan: TimingPlan {
        TimingPlan(
            profile: name, reset: reset.plan, maintenance: maintenance.plan, failure: failure.plan, boot: boot.duration,
            announcements: Self.announcements, keyExchange: Self.keyExchange)
    }

    /// Repeated, as one can be lost, and more than the 1 s apart for which neighbours ignore further changes (`neigh/*/locktime`).
    static let announcements = TimingPlan.Announcements(count: 5, interval: .milliseconds(1_100))
    /// strongSwan's documented defaults (`retransmit_timeout`, `retransmit_base`, `retransmit_tries`): it gives up after 165 s.
    static let keyExchange = TimingPlan.Retransmission(timeout: .seconds(4), base: 1.8, tries: 5)
}
