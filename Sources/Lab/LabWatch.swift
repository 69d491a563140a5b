import AgentProtocol
import EventLoop
import LabPlan
import LinuxKernel
import Measurement
import Probing

/// The probes of a lab that people work in: what is lost is known at any time, and what an action cost when it is over.
final class LabWatch {
    private unowned let laboratory: Laboratory
    private let engine: ProbeEngine
    private let loop: EventLoop
    private let start: Int64
    private let recovery: RecoveryWatch
    private let identities: [FlowIdentity]
    private var timer: EventLoop.Timer?
    private var tracked: [Int: Tracked] = [:]
    private var trackedSoFar = 0

    /// An action whose end is waited for.
    private struct Tracked {
        var description: String
        var action: Laboratory.BegunAction
        var isMeasured: Bool
        /// CLOCK_MONOTONIC and wall clock.
        var began: Int64
        var beganWallClock: Int64
        /// When all was done that it consists of; then flows are left some time to recover.
        var over: Int64?
        /// Flows that did not arrive before it began: it is not to blame for them.
        var dark: Set<Int>
        var completion: (ActionOutcome) -> Void
    }

    /// Over how long current loss is counted.
    static let lossWindow: Int64 = 5_000_000_000
    /// How much of the past is kept while no action is under way.
    private static let memory: Int64 = 30_000_000_000
    private static let pollInterval = Duration.milliseconds(100)
    /// How long after an action flows may take to arrive again, beyond what the slowest peer takes to notice.
    private static let patience = Duration.seconds(60)

    init(_ laboratory: Laboratory) throws {
        self.laboratory = laboratory
        loop = laboratory.loop
        engine = try laboratory.makeProbes(duration: nil)
        start = laboratory.loop.now + 200_000_000
        recovery = RecoveryWatch(plan: laboratory.plan, engine: engine, start: start)
        identities = FlowIdentity.all(of: laboratory.plan)
        engine.begin(at: start)
        poll()
    }

    func end() {
        timer.map(loop.cancel)
        _ = engine.end()
    }

    /// The flows whose connection has no tunnel that is up, or whose last probes were all lost.
    var darkFlows: Set<Int> {
        let end = loop.now - start - recovery.grace
        let traces = engine.traces
        return Set(
            traces.indices.filter { flow in
                let window = traces[flow].window((end - Self.lossWindow)..<end)
                return !laboratory.isReachable(connection: identities[flow].connection) || window.sent > 0 && window.lost == window.sent
            })
    }

    /// Waits until an action is over and all flows that it disturbed arrive again.
    ///
    /// - Parameters:
    ///   - dark: the flows that did not arrive before it began.
    ///   - isMeasured: false for actions that are meant to last: they are over as soon as they are done.
    func track(
        _ description: String, _ action: Laboratory.BegunAction, dark: Set<Int>, isMeasured: Bool,
        completion: @escaping (ActionOutcome) -> Void
    ) {
        let now = loop.now
        trackedSoFar += 1
        tracked[trackedSoFar] = Tracked(
            description: description, action: action, isMeasured: isMeasured, began: now,
            beganWallClock: SystemClock.realtime.nanoseconds, over: nil, dark: dark, completion: completion)
    }

    /// The lab has failed.
    func fail(_ error: any Error) {
        for id in tracked.keys.sorted() { finish(id, reason: "the lab has failed: \(error)") }
    }

    /// Actions under way, in words.
    var underWay: [String] { tracked.sorted { $0.key < $1.key }.map(\.value.description) }

    /// Of every flow: what its probes of the last seconds met with.
    func loss() -> [(sent: Int, lost: Int)] {
        let end = loop.now - start - recovery.grace
        return engine.traces.map { trace in
            let window = trace.window((end - Self.lossWindow)..<end)
            return (window.sent, window.lost)
        }
    }

    private func poll() {
        for id in tracked.keys.sorted() { check(id) }
        let oldest = tracked.values.map(\.began).min() ?? loop.now
        engine.forget(sentBefore: oldest - start - Self.memory)
        timer = loop.timer(after: Self.pollInterval) { [unowned self] in poll() }
    }

    private func check(_ id: Int) {
        guard var entry = tracked[id] else { return }
        if entry.over == nil, entry.action.isOver() {
            entry.over = loop.now
            tracked[id] = entry
        }
        guard let over = entry.over else { return }
        guard entry.isMeasured else { return finish(id, reason: nil) }
        var recovery = recovery
        recovery.ignored = entry.dark
        if recovery.hasRecovered(since: entry.began - start, now: loop.now - start) { return finish(id, reason: nil) }
        if loop.now - over > (Self.patience + slowestDetection).nanoseconds {
            finish(id, reason: "not recovered: \(recovery.darkFlows(since: entry.began - start, now: loop.now - start))")
        }
    }

    private var slowestDetection: Duration {
        laboratory.plan.connections.flatMap { [$0.siteSide, $0.gatewaySide] }.compactMap(\.deadPeerDetection?.timeout).max() ?? .zero
    }

    private func finish(_ id: Int, reason: String?) {
        guard let entry = tracked.removeValue(forKey: id) else { return }
        entry.completion(
            ActionOutcome(
                succeeded: reason == nil, reason: reason, subject: entry.action.subject, began: entry.began, ended: loop.now,
                beganWallClock: entry.beganWallClock, costs: entry.isMeasured ? costs(of: entry) : []))
    }

    private func costs(of entry: Tracked) -> [ActionOutcome.Cost] {
        let plan = laboratory.plan
        let since = entry.began - start
        let traces = engine.traces
        return traces.indices.filter { !entry.dark.contains($0) }.compactMap { flow in
            var trace = traces[flow]
            trace.forget(sentBefore: since - Self.lossWindow)
            let rule = OutageRule(reset: since, backgroundLoss: plan.highestBackgroundLoss, probes: max(trace.sent, 1))
            // What is still under way is not lost.
            let settled = trace.settled(before: loop.now - start - recovery.grace)
            let outage = rule.outage(of: settled, periods: settled.lossPeriods, transit: settled.delay?.maximum ?? 0)
            guard outage.state != .none else { return nil }
            return ActionOutcome.Cost(
                connection: plan.connections[identities[flow].connection].name, direction: identities[flow].direction, sent: settled.sent,
                lost: outage.lost, outage: outage.frameLoss, state: outage.state)
        }
    }
}
