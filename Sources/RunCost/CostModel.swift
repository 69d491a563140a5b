/// How many instructions and wake-ups a rehearsal takes in the guest, after its start. Virtual time repeats itself, so that they are the same on
/// every machine.
///
/// The figures come from `scripts/bench cost`, which fits them to runs that it measures, and tells how far the predictions are off for runs it
/// did not fit (docs/cost.md).
public struct CostModel: Sendable {
    /// Of one unit of work.
    public struct Cost: Codable, Sendable, Equatable {
        public var instructions: Double
        /// Ends of idle periods: QEMU hands each from one of its threads to the other and back.
        public var wakeUps: Double

        public init(instructions: Double, wakeUps: Double) { (self.instructions, self.wakeUps) = (instructions, wakeUps) }
    }

    /// One kind of work, and what all of it takes.
    public struct Part: Sendable, Equatable {
        public var kind: RunWork.Kind
        public var count: Double
        public var instructions: Double
        public var wakeUps: Double
    }

    public static func cost(of kind: RunWork.Kind) -> Cost {
        switch kind {
        case .lab: Cost(instructions: 59_000_000, wakeUps: 150)
        case .site: Cost(instructions: 5_300_000, wakeUps: 15)
        case .keyExchange: Cost(instructions: 2_750_000, wakeUps: 4.5)
        case .action: Cost(instructions: 1_000_000, wakeUps: 10)
        case .arrivingProbe: Cost(instructions: 34_500, wakeUps: 0)
        case .lostProbe: Cost(instructions: 8_000, wakeUps: 0)
        case .payload: Cost(instructions: 3_200, wakeUps: 0)
        case .timer: Cost(instructions: 7_500, wakeUps: 1.02)
        case .second: Cost(instructions: 97_000, wakeUps: 5.2)
        case .applicationSecond: Cost(instructions: 1_750_000, wakeUps: 40)
        case .dropReason: Cost(instructions: 40_000, wakeUps: 0)
        }
    }

    /// Those that there are, in the kinds' order.
    public let parts: [Part]

    public init(_ work: RunWork) {
        parts = RunWork.Kind.allCases.compactMap { kind in
            let (count, cost) = (work[kind], Self.cost(of: kind))
            guard count > 0 else { return nil }
            return Part(kind: kind, count: count, instructions: count * cost.instructions, wakeUps: count * cost.wakeUps)
        }
    }

    public var instructions: Double { parts.reduce(0) { $0 + $1.instructions } }
    /// Without what comes before the probes and after them.
    public var instructionsWhileMeasuring: Double {
        parts.reduce(0) { [.lab, .site].contains($1.kind) ? $0 : $0 + $1.instructions }
    }
    public var wakeUps: Double { parts.reduce(0) { $0 + $1.wakeUps } }
}
