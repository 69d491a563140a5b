import AgentProtocol
import LabPlan

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a rehearsal in virtual time will take of real time on a machine, and what for.
public struct RunEstimate: Codable, Sendable, Equatable {
    /// One kind of work.
    public struct Part: Codable, Sendable, Equatable {
        /// A `RunWork.Kind`'s name, or `start`, which is not counted in instructions.
        public var name: String
        public var count: Double
        public var instructions: Double
        public var wakeUps: Double
        /// Of real time.
        public var seconds: Double
        /// Of the trial's time, from 0 to 1.
        public var share: Double
    }

    /// Where the machine's speed is from.
    public struct Speed: Codable, Sendable, Equatable {
        /// How many of this machine's rehearsals tell; 0 when none is known, and the reference machine's speed is assumed.
        public var runs: Int
        public var nanosecondsPerInstruction: Double
        public var microsecondsPerWakeUp: Double
    }

    /// The topology's file, without folders.
    public var topology: String
    public var rehearsal: String
    public var trials: Int
    /// Of real time, all trials together.
    public var seconds: Double
    /// The rest is of one trial. Virtual time of the measured part, in seconds.
    public var virtualSeconds: Double
    public var probes: Int
    /// After the guest's start.
    public var instructions: Double
    public var wakeUps: Double
    /// In the order of the work.
    public var parts: [Part]
    /// Which part of its processor's time the guest is busy while it measures; more than 1 is more than it can.
    public var load: Double
    /// What the guest is given, in MiB; nil where that is not known.
    public var guestMemory: Int?
    public var speed: Speed

    /// - Parameters:
    ///   - machine: nil for one that nothing is known of.
    ///   - usesTemplate: whether the guest is restored rather than booted.
    ///   - guestMemory: in MiB.
    public init(_ plan: LabPlan, trials: Int = 1, on machine: MachineSpeed?, usesTemplate: Bool = false, guestMemory: Int? = nil) {
        let work = RunWork(plan)
        let model = CostModel(work)
        let known = machine ?? MachineSpeed(guest: "")
        let rate = known.rate
        let start = known.start(usingTemplate: usesTemplate)
        let total = start + rate.time(instructions: model.instructions, wakeUps: model.wakeUps)
        func part(_ name: String, _ count: Double, _ instructions: Double, _ wakeUps: Double, _ seconds: Double) -> Part {
            Part(
                name: name, count: count.rounded(), instructions: instructions.rounded(), wakeUps: wakeUps.rounded(),
                seconds: Decimal.rounded(seconds, 3), share: Decimal.rounded(seconds / total, 4))
        }
        parts =
            [part(Self.start, 1, 0, 0, start)]
            + model.parts.map {
                part(
                    $0.kind.rawValue, $0.count, $0.instructions, $0.wakeUps,
                    rate.time(instructions: $0.instructions, wakeUps: $0.wakeUps))
            }
        topology = plan.topology
        rehearsal = plan.rehearsal.name
        self.trials = trials
        seconds = Decimal.rounded(Double(trials) * total, 3)
        virtualSeconds = plan.rehearsal.duration.inSeconds
        probes = Int(work.probes)
        instructions = model.instructions.rounded()
        wakeUps = model.wakeUps.rounded()
        load = Decimal.rounded(
            model.instructionsWhileMeasuring * Double(GuestContract.instructionTime) / 1e9 / plan.rehearsal.duration.inSeconds, 3)
        self.guestMemory = guestMemory
        speed = Speed(
            runs: known.runs.count, nanosecondsPerInstruction: Decimal.rounded(rate.instruction * 1e9, 3),
            microsecondsPerWakeUp: Decimal.rounded(rate.wakeUp * 1e6, 3))
    }

    static let start = "start"

    /// Sorted keys, a newline at the end.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
