import LabPlan
import RunCost

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What runs cost beside what the model says, and what its figures would be by these runs.
struct CostReport: Codable {
    struct Entry: Codable {
        var name: String
        var isFitted: Bool
        var sites: Int
        var rate: Double
        /// Of the measured part, in seconds of virtual time.
        var duration: Double
        var work: RunWork
        var runs: [CostRun]

        init(_ one: CostCase, runs: [CostRun]) {
            (name, isFitted, self.runs) = (one.name, one.isFitted, runs)
            work = RunWork(one.plan)
            sites = Int(work[.site])
            rate = one.plan.rehearsal.probeRate
            duration = Double(one.plan.rehearsal.duration.components.seconds)
        }

        /// Medians, though these repeat themselves.
        var instructions: Double { Series(runs.map { Double($0.use.instructions) }).median }
        var wakeUps: Double { Series(runs.map { Double($0.use.wakeUps) }).median }
        /// Start and rest, in seconds.
        var wall: Series { Series(runs.map { $0.start + $0.rest }) }
    }

    var surroundings: Surroundings
    var entries: [Entry]
    /// What a virtual second costs, by the model.
    var seconds: [SecondCost]
    /// Of this machine, by the runs that the model is fitted to, in seconds.
    var rate: MachineSpeed.Rate
    var start: Double

    init(_ entries: [Entry], seconds: [SecondCost], _ surroundings: Surroundings) {
        (self.entries, self.seconds, self.surroundings) = (entries, seconds, surroundings)
        // One run after the other, each once: the median of its times.
        var speed = MachineSpeed(guest: surroundings.guestKernel)
        for entry in entries where entry.isFitted {
            speed.add(
                MachineSpeed.Run(
                    start: Series(entry.runs.map(\.start)).median, rest: Series(entry.runs.map(\.rest)).median,
                    instructions: entry.instructions, wakeUps: entry.wakeUps))
        }
        rate = speed.rate
        start = speed.start(usingTemplate: false)
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    // MARK: - The tables

    var markdown: String {
        var text = "Predicted against measured; sites × probes a second and direction × virtual seconds:\n\n" + comparison
        text += "\n" + worst.markdownTable
        text += "\nReal time that one more virtual second takes on this machine, by the model, while nothing is reset:\n\n" + secondCosts
        text += "\nWhat one more costs, by the difference of two runs:\n\n" + differences
        text += "\nThe model, in instructions and wake-ups a unit, and what these runs would make of it:\n\n" + coefficients
        text +=
            "\nThis machine: \(Decimals.text(rate.instruction * 1e9)) ns an instruction, \(Decimals.text(rate.wakeUp * 1e6)) µs a wake-up, "
        text += "\(Decimals.text(start)) s until the agent is ready.\n\n"
        text += surroundings.sentence
        return text
    }

    private func predictedWall(_ model: CostModel) -> Double {
        start + rate.time(instructions: model.instructions, wakeUps: model.wakeUps)
    }

    private var comparison: String {
        var text = "| run | fitted | probes | M instructions | predicted / measured | wake-ups | predicted / measured "
        text += "| wall | predicted / measured | wall a virtual second |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        for entry in entries {
            let model = CostModel(entry.work)
            let wall = entry.wall.median
            let cells = [
                entry.name, entry.isFitted ? "yes" : "no", Decimals.text(entry.work.probes), Decimals.text(entry.instructions / 1e6),
                Decimals.text(model.instructions / entry.instructions), Decimals.text(entry.wakeUps),
                Decimals.text(model.wakeUps / entry.wakeUps), "\(Decimals.text(wall)) s", Decimals.text(predictedWall(model) / wall),
                "\(Decimals.text(wall / entry.duration * 1_000)) ms",
            ]
            text += "| \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }

    /// The largest errors, of the runs fitted and of the others.
    private var worst: [Finding] {
        [true, false].flatMap { isFitted in
            let some = entries.filter { $0.isFitted == isFitted }
            guard !some.isEmpty else { return [Finding]() }
            func errors(_ ratio: (Entry, CostModel) -> Double) -> Series {
                Series([some.map { 100 * abs(ratio($0, CostModel($0.work)) - 1) }.max() ?? .nan])
            }
            let which = isFitted ? "of the runs fitted" : "of those not fitted"
            return [
                Finding("largest error \(which): instructions", "%", errors { $1.instructions / $0.instructions }, goal: 25),
                Finding("… wake-ups", "%", errors { $1.wakeUps / $0.wakeUps }),
                Finding("… wall", "%", errors { predictedWall($1) / $0.wall.median }, goal: 25),
            ]
        }
    }

    private var secondCosts: String {
        let rates = Set(seconds.map(\.rate)).sorted()
        var text = "| sites | \(rates.map { "\($0) probes/s" }.joined(separator: " | ")) |\n|---:|\(rates.map { _ in "---:|" }.joined())\n"
        for sites in Set(seconds.map(\.sites)).sorted() {
            let row = seconds.filter { $0.sites == sites }.sorted { $0.rate < $1.rate }
            let cells = row.map {
                $0.isTooMuch
                    ? "more than it can" : "\(Decimals.text(1_000 * rate.time(instructions: $0.instructions, wakeUps: $0.wakeUps))) ms"
            }
            text += "| \(sites) | \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }

    private var differences: String {
        func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }
        var text = "| one more | instructions | wake-ups |\n|---|---:|---:|\n"
        func row(_ what: String, _ less: String, _ more: String, _ count: (Entry) -> Double) {
            guard let less = entry(less), let more = entry(more) else { return }
            let difference = count(more) - count(less)
            text += "| \(what) | \(Decimals.text((more.instructions - less.instructions) / difference)) "
            text += "| \(Decimals.text((more.wakeUps - less.wakeUps) / difference)) |\n"
        }
        row("probe, 10 sites, 10 to 30/s", "10 × 10/s × 60 s", "10 × 30/s × 60 s") { $0.work.probes }
        row("probe, 40 sites, 1 to 10/s", "40 × 1/s × 60 s", "40 × 10/s × 60 s") { $0.work.probes }
        row("probe, 1 site, 10 to 100/s", "1 × 10/s × 60 s", "1 × 100/s × 60 s") { $0.work.probes }
        row("site, with 60 s of 1 probe/s each way", "10 × 1/s × 60 s", "40 × 1/s × 60 s") { $0.work[.site] }
        row("virtual second, with 1 probe/s each way", "1 × 1/s × 60 s", "1 × 1/s × 900 s") { $0.work[.second] }
        return text
    }

    private var coefficients: String {
        let fitted = entries.filter(\.isFitted)
        let kinds = RunWork.Kind.allCases
        let rows = fitted.map { entry in kinds.map { entry.work[$0] } }
        let instructions = NonNegativeFit.costs(rows, fitted.map(\.instructions))
        // Probes wake nobody but by their timers.
        let waking = fitted.map { entry in kinds.map { Self.isWaking($0) ? entry.work[$0] : 0 } }
        let wakeUps = NonNegativeFit.costs(waking, fitted.map(\.wakeUps))
        var text = "| unit | instructions | by these runs | wake-ups | by these runs |\n|---|---:|---:|---:|---:|\n"
        for (index, kind) in kinds.enumerated() {
            let cost = CostModel.cost(of: kind)
            let cells = [cost.instructions, instructions[index], cost.wakeUps, wakeUps[index]].map { Decimals.text($0) }
            text += "| \(kind.rawValue) | \(cells.joined(separator: " | ")) |\n"
        }
        return text
    }

    private static func isWaking(_ kind: RunWork.Kind) -> Bool {
        switch kind {
        case .lab, .site, .keyExchange, .action, .timer, .second, .applicationSecond, .dropReason: true
        case .arrivingProbe, .lostProbe, .payload: false
        }
    }
}
