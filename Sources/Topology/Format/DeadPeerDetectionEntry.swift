import LabPlan

/// A side's dead peer detection as written: switched off, or as far as its values are written.
enum DeadPeerDetectionEntry: Sendable {
    case off
    case values(Values)

    struct Values: Sendable {
        var interval: Written<Duration>?
        var timeout: Written<Duration>?
        var action: ConnectionPlan.DeadPeerDetection.Action?
    }

    /// Everything that is not written here is taken from `defaults`, unless they switch it off.
    func over(_ defaults: DeadPeerDetectionEntry?) -> DeadPeerDetectionEntry {
        guard case .values(let own) = self, case .values(let usual)? = defaults else { return self }
        return .values(
            Values(interval: own.interval ?? usual.interval, timeout: own.timeout ?? usual.timeout, action: own.action ?? usual.action))
    }
}

extension Sides<DeadPeerDetectionEntry> {
    func over(_ defaults: Sides?) -> Sides {
        Sides(
            site: site.map { $0.over(defaults?.site) } ?? defaults?.site,
            gateway: gateway.map { $0.over(defaults?.gateway) } ?? defaults?.gateway)
    }
}

extension DeadPeerDetectionEntry? {
    /// What a side does; the service's own values for what is not written.
    var plan: ConnectionPlan.DeadPeerDetection? {
        guard case .values(let values) = self ?? .values(.init()) else { return nil }
        let timeout = values.timeout?.value ?? DeadPeerDetectionEntry.standardTimeout
        return .init(interval: values.interval?.value ?? timeout / 3, timeout: timeout, action: values.action ?? .restart)
    }
}

extension DeadPeerDetectionEntry {
    /// The service's own (`dpdTimeoutSeconds`), and what it accepts (FAQ).
    static let standardTimeout = Duration.seconds(45)
    private static let timeouts: ClosedRange<Duration> = .seconds(9) ... .seconds(3_600)

    static let interval = Key.optional(
        "interval", .duration(.seconds(1) ... .seconds(3_600)),
        "How long nothing may come from the peer before it is asked for a sign of life, and how far apart two questions are: at most the timeout. "
            + "Default: a third of the timeout.")
    static let timeout = Key.optional(
        "timeout", .duration(timeouts), "How long after its last sign of life a peer counts as dead. Default: \(standardTimeout.text).")
    static let action = Key.optional(
        "action", .choice(ConnectionPlan.DeadPeerDetection.Action.self),
        "What follows: a new key exchange at once (restart), nothing until the peer comes (clear), or a new key exchange when a packet asks for one "
            + "(hold). Default: restart.")

    private static let valuesForm = Form<DeadPeerDetectionEntry>.mapping(
        "deadPeerDetection", "How a side finds out that its peer is gone (RFC 3706, RFC 7296 §2.4).", keys: [interval, timeout, action]
    ) {
        .values(Values(interval: $0.written(interval), timeout: $0.written(timeout), action: $0[action]))
    }

    static let sidesForm = Sides.form(
        "deadPeerDetections", "Dead peer detection for each side.",
        of: Form<DeadPeerDetectionEntry>.word("off", .off, orMapping: valuesForm))
}
