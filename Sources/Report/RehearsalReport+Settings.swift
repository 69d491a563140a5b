import LabPlan
import Measurement

extension RehearsalReport {
    /// How the outage was brought about and measured.
    public struct Settings: Codable, Sendable, Equatable {
        /// A step of the timeline, in words.
        public struct Step: Codable, Sendable, Equatable {
            /// When it was to begin: `at 20 s`, `10 s after standby-took-addresses`, `then`.
            public var start: String
            /// What was done: `cut link tokyo for 10 s`.
            public var action: String
        }

        /// The rehearsal's.
        public var name: String
        public var duration: Seconds
        /// In order.
        public var steps: [Step]
        /// Probes per second in each direction of each connection.
        public var probeRate: Double
        /// A probe's UDP payload in bytes.
        public var probePayload: Int
        /// Absent where no applications ran.
        public var applications: ApplicationSettings?

        enum CodingKeys: String, CodingKey {
            case name
            case duration = "duration_s"
            case steps
            case probeRate = "probeRate_pps"
            case probePayload = "probePayload_bytes"
            case applications
        }

        init(_ lab: LabPlan) {
            let plan = lab.rehearsal
            name = plan.name
            duration = Seconds(plan.duration)
            steps = plan.steps.map { Step(start: $0.start.words, action: $0.words(in: lab)) }
            probeRate = plan.probeRate
            probePayload = plan.probePayload
            applications = plan.applications.map { ApplicationSettings($0) }
        }
    }

    /// How long the steps of the failover were set to take.
    public struct Timing: Codable, Sendable, Equatable {
        /// The steps that follow one trigger.
        public struct Failover: Codable, Sendable, Equatable {
            public var trigger: TimingPlan.Trigger
            public var detection: Seconds
            public var takeover: Seconds

            enum CodingKeys: String, CodingKey {
                case trigger
                case detection = "detection_s"
                case takeover = "takeover_s"
            }
        }

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
        /// Of the triggers that the rehearsal's steps have.
        public var failovers: [Failover]
        public var boot: Seconds
        public var announcements: Announcements
        public var keyExchange: KeyExchange
        /// The documents that the durations come from.
        public var sources: [String]

        enum CodingKeys: String, CodingKey {
            case profile, failovers
            case boot = "boot_s"
            case announcements, keyExchange, sources
        }

        init(_ plan: TimingPlan, triggers: [TimingPlan.Trigger], sources: [String]) {
            profile = plan.profile
            failovers = triggers.map { trigger in
                let failover = plan.failover(after: trigger)
                return Failover(trigger: trigger, detection: Seconds(failover.detection), takeover: Seconds(failover.takeover))
            }
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

        /// The kind in words: `reset requested`.
        var words: String { kind.split(separator: "-").joined(separator: " ") }

        init(_ event: TimelineEvent) {
            at = Seconds(nanoseconds: event.at)
            kind = event.kind
            subject = event.subject
            detail = event.detail
        }
    }
}
