/// How long each step of a failover takes, from a profile or the topology's own values.
public struct TimingPlan: Codable, Sendable, Equatable {
    /// The profile's name, `custom` when the topology overrides any value of it.
    public var profile: String
    /// From the active instance's end to the standby's notice of it.
    public var detection: Duration
    /// From the notice to the addresses' move.
    public var takeover: Duration
    /// From an instance's restart until it is back as standby.
    public var boot: Duration
    public var announcements: Announcements
    public var keyExchange: Retransmission

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
        profile: String, detection: Duration, takeover: Duration, boot: Duration, announcements: Announcements, keyExchange: Retransmission
    ) {
        self.profile = profile
        self.detection = detection
        self.takeover = takeover
        self.boot = boot
        self.announcements = announcements
        self.keyExchange = keyExchange
    }
}

/// What a rehearsal does and how it measures.
public struct RehearsalPlan: Codable, Sendable, Equatable {
    /// How long the measured part takes.
    public var duration: Duration
    /// When the gateway's reset is requested, from the measured part's start.
    public var resetAt: Duration
    /// Probes per second in each direction of each connection.
    public var probeRate: Double
    /// A probe's UDP payload in bytes.
    public var probePayload: Int
    /// What must hold for exit code 0.
    public var expectations: Expectations

    public struct Expectations: Codable, Sendable, Equatable {
        /// The longest outage allowed by the frame-loss method, of any connection and direction; nil for any.
        public var maximumOutage: Duration?

        public init(maximumOutage: Duration? = nil) { self.maximumOutage = maximumOutage }
    }

    public init(duration: Duration, resetAt: Duration, probeRate: Double, probePayload: Int, expectations: Expectations) {
        self.duration = duration
        self.resetAt = resetAt
        self.probeRate = probeRate
        self.probePayload = probePayload
        self.expectations = expectations
    }
}
