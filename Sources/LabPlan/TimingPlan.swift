/// How long each step of a failover takes, from a profile or the topology's own values.
public struct TimingPlan: Codable, Sendable, Equatable {
    /// The profile's name, `custom` when the topology overrides any value of it.
    public var profile: String
    /// After a reset that was asked for.
    public var reset: Failover
    /// After the beginning of planned maintenance.
    public var maintenance: Failover
    /// After an instance's unplanned end.
    public var failure: Failover
    /// From an instance's restart until it is back as standby.
    public var boot: Duration
    public var announcements: Announcements
    public var keyExchange: Retransmission

    /// The steps from an instance's end to its peer's forwarding.
    public struct Failover: Codable, Sendable, Equatable {
        /// From the active instance's end to the standby's notice of it.
        public var detection: Duration
        /// From the notice to the addresses' move.
        public var takeover: Duration

        public init(detection: Duration, takeover: Duration) {
            self.detection = detection
            self.takeover = takeover
        }
    }

    /// How often the new holder of an address announces it (gratuitous ARP, unsolicited neighbour advertisement).
    public struct Announcements: Codable, Sendable, Equatable {
        /// At least 1.
        public var count: Int
        /// A little over 1 s by default: a neighbour ignores changes within `locktime` (1 s) of its entry's last one.
        public var interval: Duration

        public init(count: Int, interval: Duration) {
            self.count = count
            self.interval = interval
        }
    }

    /// When a key exchange's request is sent again: n-th wait = timeout × base^n, given up after `tries` repetitions.
    public struct Retransmission: Codable, Sendable, Equatable {
        public var timeout: Duration
        public var base: Double
        public var tries: Int

        public init(timeout: Duration, base: Double, tries: Int) {
            self.timeout = timeout
            self.base = base
            self.tries = tries
        }
    }

    public init(
        profile: String, reset: Failover, maintenance: Failover, failure: Failover, boot: Duration, announcements: Announcements,
        keyExchange: Retransmission
    ) {
        self.profile = profile
        self.reset = reset
        self.maintenance = maintenance
        self.failure = failure
        self.boot = boot
        self.announcements = announcements
        self.keyExchange = keyExchange
    }
}
