/// How fast a machine carries out guests, by the rehearsals that it ran; the last ones are kept.
public struct MachineSpeed: Codable, Sendable, Equatable {
    /// What one rehearsal took.
    public struct Run: Codable, Sendable, Equatable {
        /// From the command's beginning until the agent was ready, in seconds.
        public var start: Double
        /// Whether it went on from a template.
        public var usedTemplate: Bool
        /// From then on, in seconds.
        public var rest: Double
        /// Of the rest, counted by the guest's kernel.
        public var instructions: Double
        public var wakeUps: Double

        public init(start: Double, usedTemplate: Bool = false, rest: Double, instructions: Double, wakeUps: Double) {
            (self.start, self.usedTemplate, self.rest) = (start, usedTemplate, rest)
            (self.instructions, self.wakeUps) = (instructions, wakeUps)
        }

        /// Neither zero nor a number that no run can have.
        var isPlausible: Bool {
            [start, rest, instructions].allSatisfy { $0.isFinite && $0 > 0 } && wakeUps.isFinite && wakeUps >= 0
                && start < 1e5 && rest < 1e7 && instructions < 1e15 && wakeUps < 1e12
        }
    }

    /// What a machine takes for each, in seconds.
    public struct Rate: Codable, Sendable, Equatable {
        public var instruction: Double
        public var wakeUp: Double

        public init(instruction: Double, wakeUp: Double) { (self.instruction, self.wakeUp) = (instruction, wakeUp) }

        /// In seconds.
        public func time(instructions: Double, wakeUps: Double) -> Double { instructions * instruction + wakeUps * wakeUp }
    }

    /// Raised when what is kept changes its meaning.
    static let version = 1
    /// Enough that a run on a busy machine is outvoted, few enough that a machine's change is soon known.
    static let kept = 16

    private var version = Self.version
    /// What ran: another kernel takes another time.
    public let guest: String
    public private(set) var runs: [Run] = []

    public init(guest: String) { self.guest = guest }

    public mutating func add(_ run: Run) {
        guard run.isPlausible else { return }
        runs = Array((runs + [run]).suffix(Self.kept))
    }

    /// Whether it was kept by this version, of this guest, and can be true: a file may have been written by anybody.
    public func isUsable(for guest: String) -> Bool {
        version == Self.version && self.guest == guest && !runs.isEmpty && runs.count <= Self.kept && runs.allSatisfy(\.isPlausible)
    }

    // MARK: - What the runs tell

    /// Of the machine that docs/cost.md was measured on (2 × AMD EPYC, QEMU 7.2): assumed of machines that nothing is known of.
    public static let reference = Rate(instruction: 4.1e-9, wakeUp: 88e-6)
    static let referenceStart = 3.9
    static let referenceTemplateStart = 0.4

    /// A run that took so many times as long as the median of all was disturbed, and tells nothing.
    private static let disturbance = 1.5
    /// How much the ratio of both rates is held to the reference machine's: it takes runs of different kinds to tell them apart.
    private static let attachment = 0.1

    /// What each instruction and wake-up takes here, so that the squares of the runs' relative errors are least.
    public var rate: Rate {
        let factors = runs.map { $0.rest / Self.reference.time(instructions: $0.instructions, wakeUps: $0.wakeUps) }
        guard let median = Self.median(factors) else { return Self.reference }
        // With x and y, both rates' factors to the reference's: the sum over all runs of (p·x + q·y − 1)², and attachment · ((x − y) / median)².
        let held = Self.attachment / (median * median)
        var (pp, pq, qq, p1, q1) = (held, -held, held, 0.0, 0.0)
        for (run, factor) in zip(runs, factors) where factor <= Self.disturbance * median {
            let p = run.instructions * Self.reference.instruction / run.rest
            let q = run.wakeUps * Self.reference.wakeUp / run.rest
            pp += p * p
            pq += p * q
            qq += q * q
            p1 += p
            q1 += q
        }
        let determinant = pp * qq - pq * pq
        let x = (p1 * qq - q1 * pq) / determinant
        let y = (q1 * pp - p1 * pq) / determinant
        guard x.isFinite, y.isFinite, x > 0, y > 0 else {
            return Rate(instruction: Self.reference.instruction * median, wakeUp: Self.reference.wakeUp * median)
        }
        return Rate(instruction: Self.reference.instruction * x, wakeUp: Self.reference.wakeUp * y)
    }

    /// The start in seconds: the median of those that began likewise.
    public func start(usingTemplate: Bool) -> Double {
        Self.median(runs.filter { $0.usedTemplate == usingTemplate }.map(\.start))
            ?? (usingTemplate ? Self.referenceTemplateStart : Self.referenceStart)
    }

    /// Of an even count, the mean of both middle values; nil of none.
    public static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
