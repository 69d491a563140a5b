/// What a rehearsal does and how it measures.
public struct RehearsalPlan: Codable, Sendable, Equatable {
    /// `gateway-reset`, or another built-in's or a file's name.
    public var name: String
    /// How long the measured part takes.
    public var duration: Duration
    /// In order: each begins when its start is reached and the one before has been carried out.
    public var steps: [RehearsalStep]
    /// Probes per second in each direction of each connection.
    public var probeRate: Double
    /// A probe's UDP payload in bytes.
    public var probePayload: Int
    /// What must hold for exit code 0.
    public var expectations: [ExpectationPlan]
    /// Whether the kernel's own reasons for each drop are asked for. They cost some fifty thousand instructions a drop.
    public var wantsDropReasons: Bool
    /// What uses each connection besides the probes; nil for nothing.
    public var applications: ApplicationPlan?

    public init(
        name: String = "gateway-reset", duration: Duration, steps: [RehearsalStep], probeRate: Double, probePayload: Int,
        expectations: [ExpectationPlan] = [], wantsDropReasons: Bool = false, applications: ApplicationPlan? = nil
    ) {
        self.name = name
        self.duration = duration
        self.steps = steps
        self.probeRate = probeRate
        self.probePayload = probePayload
        self.expectations = expectations
        self.wantsDropReasons = wantsDropReasons
        self.applications = applications
    }
}

/// One step of a rehearsal's timeline.
public struct RehearsalStep: Codable, Sendable, Equatable {
    /// When a step begins, the step before being done.
    public enum Start: Codable, Sendable, Equatable {
        /// From the measured part's start; at once when that has passed.
        case at(Duration)
        /// So long after the first event of this kind since the step before began.
        case after(event: String, by: Duration)
        /// So long after the step before was done.
        case next(after: Duration)
    }

    public enum Action: Codable, Sendable, Equatable {
        case perform(LabAction)
        /// Done when every flow has arrived for the longer of 5 s and 5 probes (RFC 6412), or when so much time has passed.
        case waitUntilRecovered(limit: Duration)
    }

    public var start: Start
    public var action: Action

    public init(_ start: Start, _ action: Action) {
        self.start = start
        self.action = action
    }
}

/// Something that must hold at the end of a rehearsal.
public struct ExpectationPlan: Codable, Sendable, Equatable {
    /// What is measured.
    public enum Quantity: Codable, Sendable, Equatable {
        /// The outage by the frame-loss method; the longest of what is meant.
        case outage(Scope)
        /// Probes lost in outages; of all that is meant together.
        case lost(Scope)
        /// From the first step's action to the first probe that arrives after the last loss; the longest of what is meant.
        case recovery(Scope)
        /// Lost probes that no counter explains.
        case unexplained
        /// The longest time in which a message stream delivered nothing; the longest of what is meant.
        case stall(Scope)
        /// Requests that were given up; of all connections that are meant together.
        case failedRequests(Scope)

        /// Whether it is about applications.
        public var needsApplications: Bool {
            switch self {
            case .stall, .failedRequests: true
            case .outage, .lost, .recovery, .unexplained: false
            }
        }
    }

    /// Which flows are meant.
    public struct Scope: Codable, Sendable, Equatable {
        /// Index of the connection; nil for all.
        public var connection: Int?
        /// nil for both.
        public var direction: String?

        public init(connection: Int? = nil, direction: String? = nil) {
            self.connection = connection
            self.direction = direction
        }
    }

    public enum Comparison: String, Codable, Sendable, CaseIterable {
        case less = "<"
        case atMost = "<="
        case equal = "=="
        case atLeast = ">="
        case more = ">"
    }

    public enum Value: Codable, Sendable, Equatable {
        case duration(Duration)
        case count(Int)
    }

    /// As it was written, for reports.
    public var text: String
    public var quantity: Quantity
    public var comparison: Comparison
    public var value: Value

    public init(text: String, quantity: Quantity, comparison: Comparison, value: Value) {
        self.text = text
        self.quantity = quantity
        self.comparison = comparison
        self.value = value
    }
}
