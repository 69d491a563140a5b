import LabPlan

/// How long the steps of a failover take according to a published document.
public struct TimingProfile: Sendable, Equatable {
    /// What a topology names it by.
    public var name: String
    /// The document, with its edition.
    public var document: String
    public var detection: Choice
    public var takeover: Choice
    public var boot: Choice

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

    public static let all = [instant, azure2021, azure2025]

    public static let instant = TimingProfile(
        name: "instant",
        document: "None: a gateway that loses no time, so that what is left is the network's and the key exchange's.",
        detection: Choice(.zero, "The standby knows at once."),
        takeover: Choice(.zero, "The addresses move at once."),
        boot: Choice(.seconds(1), "Not zero, so that an instance is never back before the other has taken over."))

    public static let azure2021 = TimingProfile(
        name: "azure-2021-02",
        document: "\"Reset a VPN gateway\", 02/2021: a reset usually takes less than one minute, two in a row 30 to 45 minutes.",
        detection: Choice(
            .seconds(10),
            "A reset is requested, not discovered: detection and takeover together take the 15 s of a planned failover at its longest."),
        takeover: Choice(.seconds(5), "The rest of these 15 s; it leaves 45 s of the documented minute to the tunnels."),
        boot: Choice(
            .seconds(2_250),
            "After two resets the gateway is away until the first restarted instance is back, so the documented 30 to 45 minutes are its boot time: "
                + "37.5 minutes, the middle."))

    public static let azure2025 = TimingProfile(
        name: "azure-2025-03",
        document:
            "\"Highly available connectivity\", 03/2025: a planned failover takes 10 to 15 s, an unplanned one 1 to 3 minutes at worst.",
        detection: Choice(
            .seconds(45),
            "A reset taken as unplanned: with the takeover one minute, the lower bound; the tunnels' own recovery adds up to the upper one."
        ),
        takeover: Choice(.seconds(15), "A planned failover needs no detection, so its 10 to 15 s are the takeover: its longest."),
        boot: Choice(.seconds(2_250), "The document gives none: as in azure-2021-02."))

    /// The durations, with announcements and retransmission as every profile has them.
    public var plan: TimingPlan {
        TimingPlan(
            profile: name, reset: .init(detection: detection.duration, takeover: takeover.duration),
            maintenance: .init(detection: detection.duration, takeover: takeover.duration),
            failure: .init(detection: detection.duration, takeover: takeover.duration), boot: boot.duration,
            announcements: Self.announcements, keyExchange: Self.keyExchange)
    }

    /// Repeated, as one can be lost, and more than the 1 s apart for which neighbours ignore further changes (`neigh/*/locktime`).
    static let announcements = TimingPlan.Announcements(count: 5, interval: .milliseconds(1_100))
    /// strongSwan's documented defaults (`retransmit_timeout`, `retransmit_base`, `retransmit_tries`): it gives up after 165 s.
    static let keyExchange = TimingPlan.Retransmission(timeout: .seconds(4), base: 1.8, tries: 5)
}
