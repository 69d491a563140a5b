import LabPlan
import Measurement

extension RehearsalReport {
    /// How the outage was brought about and measured.
    public struct Settings: Codable, Sendable, Equatable {
        public var duration: Seconds
        public var resetAt: Seconds
        /// Probes per second in each direction of each connection.
        public var probeRate: Double
        /// A probe's UDP payload in bytes.
        public var probePayload: Int

        enum CodingKeys: String, CodingKey {
            case duration = "duration_s"
            case resetAt = "resetAt_s"
            case probeRate = "probeRate_pps"
            case probePayload = "probePayload_bytes"
        }

        init(_ plan: RehearsalPlan) {
            duration = Seconds(plan.duration)
            resetAt = Seconds(plan.firstStart)
            probeRate = plan.probeRate
            probePayload = plan.probePayload
        }
    }

    /// How long the steps of the failover were set to take.
    public struct Timing: Codable, Sendable, Equatable {
        public struct Announcements: Codable, Sendable, Equatable {
            public var count: Int
            public var interval: Seconds

            enum CodingKeys: String, CodingKey {
                case count
                case interval = "interval_s"
            }
        }

        public struct KeyExchange: Codable, Sendable, Equatable {
            public var timeout: Seconds
            public var base: Double
            public var tries: Int

            enum CodingKeys: String, CodingKey {
                case timeout = "timeout_s"
                case base, tries
            }
        }

        public var profile: String
        public var detection: Seconds
        public var takeover: Seconds
        public var boot: Seconds
        public var announcements: Announcements
        public var keyExchange: KeyExchange
        /// The documents that the durations come from.
        public var sources: [String]

        enum CodingKeys: String, CodingKey {
            case profile
            case detection = "detection_s"
            case takeover = "takeover_s"
            case boot = "boot_s"
            case announcements, keyExchange, sources
        }

        init(_ plan: TimingPlan, sources: [String]) {
            profile = plan.profile
            detection = Seconds(plan.reset.detection)
            takeover = Seconds(plan.reset.takeover)
            boot = Seconds(plan.boot)
            announcements = Announcements(count: plan.announcements.count, interval: Seconds(plan.announcements.interval))
            keyExchange = KeyExchange(
                timeout: Seconds(plan.keyExchange.timeout), base: plan.keyExchange.base, tries: plan.keyExchange.tries)
            self.sources = sources
        }
    }

    public struct Event: Codable, Sendable, Equatable {
        public var at: Seconds
        public var kind: String
        public var subject: String
        public var detail: String?

        enum CodingKeys: String, CodingKey {
            case at = "at_s"
            case kind, subject, detail
        }

        init(_ event: TimelineEvent) {
            at = Seconds(nanoseconds: event.at)
            kind = event.kind
            subject = event.subject
            detail = event.detail
        }
    }
}

extension RehearsalPlan {
    /// When the first step begins, where that is a fixed time.
    fileprivate var firstStart: Duration { if case .at(let time)? = steps.first?.start { time } else { .zero } }
}
