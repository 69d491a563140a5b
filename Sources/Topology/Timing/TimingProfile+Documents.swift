// The profiles, each by its document. Where that gives a range or a bound, the value is picked so that the whole outage, the tunnels' own
// recovery included, falls into it.

extension TimingProfile {
    public static let instant: TimingProfile = {
        let atOnce = Failover(
            detection: Choice(.zero, "The standby knows at once."), takeover: Choice(.zero, "The addresses move at once."))
        return TimingProfile(
            name: "instant",
            document: "None: a gateway that loses no time, so that what is left is the network's and the key exchange's.",
            reset: atOnce, maintenance: atOnce, failure: atOnce,
            boot: Choice(.seconds(1), "Not zero, so that an instance is never back before the other has taken over."))
    }()

    public static let azure2016 = TimingProfile(
        name: "azure-2016",
        document:
            "\"Highly available connectivity\", 2016: a planned failover takes 10 to 15 s, an unplanned one 60 to 90 s; oldest edition of \"Reset a VPN "
            + "gateway\": two resets in a row take 2 to 4 minutes.",
        reset: Failover(
            detection: Choice(
                .seconds(10),
                "Neither document has a single reset's: as in azure-2021-02, where both together take a planned failover's longest 15 s."),
            takeover: Choice(.seconds(5), "As in azure-2021-02.")),
        maintenance: plannedFailover, failure: unplannedFailover(upTo: "the 90 s"),
        boot: Choice(
            .seconds(180),
            "After two resets the gateway is away until the first restarted instance is back, so the 2 to 4 minutes are its boot time: the middle."
        ))

    public static let azure2021 = TimingProfile(
        name: "azure-2021-02",
        document: "\"Reset a VPN gateway\", 02/2021: a reset usually takes less than one minute, two in a row 30 to 45 minutes.",
        reset: Failover(
            detection: Choice(
                .seconds(10),
                "A reset is requested, not discovered: detection and takeover together take the 15 s of a planned failover at its longest."),
            takeover: Choice(.seconds(5), "The rest of these 15 s; it leaves 45 s of the documented minute to the tunnels.")),
        maintenance: borrowed(plannedFailover, from: "azure-2016"),
        failure: borrowed(unplannedFailover(upTo: "the 90 s"), from: "azure-2016"),
        boot: Choice(
            .seconds(2_250),
            "After two resets the gateway is away until the first restarted instance is back, so the documented 30 to 45 minutes are its boot time: "
                + "37.5 minutes, the middle."))

    public static let azure2025 = TimingProfile(
        name: "azure-2025-03",
        document:
            "\"Highly available connectivity\", 03/2025: a planned failover takes 10 to 15 s, an unplanned one 1 to 3 minutes at worst.",
        reset: Failover(
            detection: Choice(
                .seconds(45),
                "The document has no reset's. Taken as unplanned: with the takeover one minute, the lower bound; the tunnels' own recovery adds up to "
                    + "the upper one."),
            takeover: Choice(.seconds(15), "A planned failover needs no detection, so its 10 to 15 s are the takeover: its longest.")),
        maintenance: plannedFailover, failure: unplannedFailover(upTo: "the 3 minutes"),
        boot: Choice(.seconds(2_250), "The document gives none: as in azure-2021-02."))

    // MARK: - What editions share

    /// 10 to 15 s in every edition of "Highly available connectivity".
    private static let plannedFailover = Failover(
        detection: Choice(.zero, "Maintenance is announced: nothing has to be noticed."),
        takeover: Choice(.seconds(10), "The lower bound of 10 to 15 s, within which connectivity is restored: the rest is the tunnels'."))

    private static func unplannedFailover(upTo upperBound: String) -> Failover {
        Failover(
            detection: Choice(
                .seconds(45), "With the takeover one minute, the lower bound: the tunnels' own recovery has the rest up to \(upperBound)."),
            takeover: Choice(.seconds(15), "As long as a planned failover at its longest; the rest of the minute is detection."))
    }

    private static func borrowed(_ failover: Failover, from name: String) -> Failover {
        func choice(_ own: Choice) -> Choice { Choice(own.duration, "The document has none: as in \(name). \(own.reason)") }
        return Failover(detection: choice(failover.detection), takeover: choice(failover.takeover))
    }
}
