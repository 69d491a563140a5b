import AgentProtocol
import EventLoop
import Lab
import Measurement

/// Known outages of a link, measured: by both ways of taking it down.
let calibrationChecks: [KernelCheck] = [
    KernelCheck("calibration.netem-within-its-bounds", needs: [.netem]) { try calibrationIsWithinItsBounds(.netem) },
    KernelCheck("calibration.link-state-within-its-bounds") { try calibrationIsWithinItsBounds(.linkState) },
    KernelCheck("calibration.ended-early-leaves-nothing") {
        try NamespaceNames.unchanged {
            let loop = try EventLoop()
            var completions = 0
            let run = try CalibrationRun(
                plan(trials: 100), loop: loop, environment: environment, report: { _ in }, completion: { _ in completions += 1 })
            run.begin()
            loop.timer(after: .seconds(6)) { loop.stop() }
            try loop.run()
            try expect(run.end().isEmpty, "something could not be removed")
            try expect(run.end().isEmpty, "a second end removes something")
            loop.timer(after: .seconds(1)) { loop.stop() }
            try loop.run()
            try expectEqual(completions, 0, "completions of a run that was ended")
        }
    },
    KernelCheck("calibration.bad-plan-is-refused") {
        try NamespaceNames.unchanged {
            do {
                _ = try CalibrationRun(
                    plan(trials: 0), loop: EventLoop(), environment: environment, report: { _ in }, completion: { _ in })
            } catch let failure as AgentMessage.Failure {
                return try expectEqual(failure.message, "trials: found 0; allowed: from 1 to 100000", "the refusal")
            }
            throw Failure(description: "a plan without trials was begun")
        }
    },
]

private let environment = LabEnvironment(isShared: false, isRepeatable: true)

private func plan(trials: Int) -> CalibrationPlan {
    CalibrationPlan(trials: trials, rates: [50, 200], longest: 500_000_000, seed: 3)
}

private func calibrationIsWithinItsBounds(_ means: CalibrationResult.Means) throws {
    try NamespaceNames.unchanged {
        let loop = try EventLoop()
        var outcome: Result<CalibrationResult, any Error>?
        let plan = plan(trials: 24)
        let run = try CalibrationRun(plan, means: means, loop: loop, environment: environment, report: { _ in }) {
            outcome = $0
            loop.stop()
        }
        run.begin()
        try loop.run()
        guard let result = try outcome?.get() else { throw Failure(description: "the loop stopped without a result") }
        try expectEqual(result.means, means, "how the link was taken down")
        try expectEqual(result.trials.map(\.intended), plan.outages.map(\.duration), "the outages")
        // On a machine with others at work, what is late is not the code's doing.
        guard ProcessOne.isThisProcess else { return }
        for trial in result.trials {
            // The link was down for as long as was meant, and what passed in between were no probes.
            try expect(abs(trial.truth - trial.intended) < 2_000_000, "\(trial.intended) ns were meant, \(trial.truth) it was")
            try expect(trial.readings.allSatisfy { $0.lossPeriods <= 1 && $0.unsent == 0 }, "\(trial)")
        }
        let summary = CalibrationSummary(result.trials, rates: plan.rates)
        try expect(summary.holds, "an error is out of its bound: \(result.trials)")
        // There is something to measure: outages of each kind, and errors that are not all the same.
        let all = summary.groups.filter { $0.durations == nil }
        try expectEqual(all.map(\.rate), plan.rates, "rates")
        try expect(all.allSatisfy { $0.withoutLoss < $0.trials && $0.frameLoss.minimum < 0 && $0.frameLoss.maximum > 0 }, "\(all)")
    }
}
