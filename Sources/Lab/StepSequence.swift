import AgentProtocol
import EventLoop
import LabPlan
import LinuxKernel
import Measurement
import Probing

/// Carries out a rehearsal's steps, each when its start is reached and the one before is done.
final class StepSequence {
    private unowned let laboratory: Laboratory
    private let loop: EventLoop
    private let steps: [RehearsalStep]
    private let start: Int64
    private let recovery: RecoveryWatch
    private let failed: (any Error) -> Void
    private var next = 0
    private var timer: EventLoop.Timer?
    private var isOver = false
    /// What the next step waits for, with what is to pass after it.
    private var awaited: (kind: String, by: Duration)?
    /// Events since the step before began: the next one may wait for any of them, and it may have happened already.
    private var recent: [TimelineEvent] = []
    /// When the first step that did something to the lab began: nanoseconds since the start.
    private(set) var firstAction: Int64?

    private static let pollInterval = Duration.milliseconds(500)

    /// - Parameter start: CLOCK_MONOTONIC at the measured part's start.
    init(
        _ steps: [RehearsalStep], in laboratory: Laboratory, from start: Int64, engine: ProbeEngine, failed: @escaping (any Error) -> Void
    ) {
        self.steps = steps
        self.laboratory = laboratory
        self.start = start
        self.failed = failed
        loop = laboratory.loop
        recovery = RecoveryWatch(plan: laboratory.plan, engine: engine, start: start)
    }

    func begin() { proceed(from: start) }

    /// The measurement is over. What has not begun by now never will.
    func finish() {
        if next < steps.count {
            next += 1
            let reason = awaited.map { "\($0.kind) has not happened" } ?? "its time had not come"
            let others = steps.count - next
            record("step-not-begun", reason + (others > 0 ? " (and \(others) more behind it)" : ""))
        }
        end()
    }

    func end() {
        isOver = true
        timer.map(loop.cancel)
    }

    /// Tells of the step that was begun last.
    private func record(_ kind: String, _ detail: String) {
        laboratory.timeline.record(kind, laboratory.plan.gateway.name, detail: "step \(next): \(detail)")
    }

    func happened(_ event: TimelineEvent) {
        guard !isOver else { return }
        recent.append(event)
        guard let awaited, awaited.kind == event.kind else { return }
        self.awaited = nil
        // From the loop, also where nothing is to pass: the event may be one of several of one reaction.
        begin(at: event.at + awaited.by.nanoseconds)
    }

    /// - Parameter time: when the step before was done.
    private func proceed(from time: Int64) {
        guard next < steps.count, !isOver else { return }
        switch steps[next].start {
        case .at(let offset): begin(at: start + offset.nanoseconds)
        case .next(let pause): begin(at: time + pause.nanoseconds)
        case .after(let kind, let by):
            if let event = recent.first(where: { $0.kind == kind }) {
                begin(at: event.at + by.nanoseconds)
            } else {
                awaited = (kind, by)
            }
        }
    }

    private func begin(at time: Int64) {
        timer = loop.timer(at: time) { [unowned self] in carryOut() }
    }

    private func carryOut() {
        guard !isOver else { return }
        let step = steps[next]
        next += 1
        recent = []
        switch step.action {
        case .perform(let action):
            if firstAction == nil { firstAction = loop.now - start }
            do {
                try laboratory.perform(action)
            } catch let refusal as AgentMessage.Failure where refusal.kind == .badRequest {
                // As the service does with an operation on a gateway that is busy. The rehearsal goes on, and its report says so.
                record("step-refused", refusal.message)
            } catch {
                return failed(LabError("step \(next): \(error)"))
            }
            proceed(from: loop.now)
        case .waitUntilRecovered(let limit):
            waitUntilRecovered(since: loop.now, limit: limit)
        }
    }

    private func waitUntilRecovered(since time: Int64, limit: Duration) {
        guard !isOver else { return }
        let plan = laboratory.plan
        if recovery.hasRecovered(since: time - start, now: loop.now - start) {
            laboratory.timeline.record("recovered", plan.gateway.name)
            return proceed(from: loop.now)
        }
        if loop.now - time >= limit.nanoseconds {
            let dark = recovery.darkFlows(since: time - start, now: loop.now - start)
            record("step-timed-out", "not recovered within \(limit.inSeconds): \(dark)")
            return proceed(from: loop.now)
        }
        let pause = min(Self.pollInterval.nanoseconds, time + limit.nanoseconds - loop.now)
        timer = loop.timer(at: loop.now + max(1, pause)) { [unowned self] in waitUntilRecovered(since: time, limit: limit) }
    }
}

/// Whether flows arrive again, and have for the longer of 5 s and 5 probes (RFC 6412).
struct RecoveryWatch {
    let plan: LabPlan
    let engine: ProbeEngine
    /// CLOCK_MONOTONIC at the engine's start.
    let start: Int64
    /// Flows that are not looked at.
    var ignored: Set<Int> = []

    init(plan: LabPlan, engine: ProbeEngine, start: Int64) {
        self.plan = plan
        self.engine = engine
        self.start = start
    }

    /// After this long a probe that has not arrived is lost.
    var grace: Int64 { max(500_000_000, plan.longestDelay.nanoseconds) }

    /// - Parameters:
    ///   - time: nothing before this counts. Nanoseconds since the engine's start, as `now`.
    func hasRecovered(since time: Int64, now: Int64) -> Bool { firstDark(since: time, now: now) == nil }

    /// The flows that have not recovered, in words.
    func darkFlows(since time: Int64, now: Int64) -> String {
        let traces = engine.traces
        let dark = traces.indices.filter { !ignored.contains($0) && !isArriving(traces[$0], since: time, now: now) }
        let identities = FlowIdentity.all(of: plan)
        let names = dark.prefix(4).map { "\(plan.connections[identities[$0].connection].name) \(identities[$0].direction.rawValue)" }
        return names.joined(separator: ", ") + (dark.count > 4 ? " and \(dark.count - 4) more" : "")
    }

    private func firstDark(since time: Int64, now: Int64) -> Int? {
        let traces = engine.traces
        return traces.indices.first { !ignored.contains($0) && !isArriving(traces[$0], since: time, now: now) }
    }

    private func isArriving(_ trace: FlowTrace, since time: Int64, now: Int64) -> Bool {
        // Runs shorter than this come about by chance where links lose packets.
        let rule = OutageRule(reset: 0, backgroundLoss: plan.highestBackgroundLoss, probes: 1_000_000)
        let interval = 1e9 / trace.rate
        // So much more that no run can hide all but its end before it: from the last loss of a run that counts to the last probe are 5 s and
        // 5 probes, as the rule has it.
        let sustained = Int64(max(5e9, 5 * interval) + Double(rule.minimumRun) * interval)
        let end = now - grace
        guard end - sustained >= time else { return false }
        let window = trace.window((end - sustained)..<end)
        return window.sent > 0 && window.longestRun < rule.minimumRun
    }
}
