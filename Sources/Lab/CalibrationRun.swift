import AgentProtocol
import EventLoop
import LinuxKernel
import Measurement
import Probing

/// Injects known outages one after the other and lets the probes of one flow for each rate measure them.
///
///     … probes … │ down ── d ── up │ recovery │ read │ until the next one's phase │ down …
///
/// The probes run all the time, as in a rehearsal; between two outages at least two of each flow arrive.
package final class CalibrationRun {
    private let plan: CalibrationPlan
    private let loop: EventLoop
    private let environment: LabEnvironment
    private let report: (Progress) -> Void
    private let completion: (Result<CalibrationResult, any Error>) -> Void
    private let link: CalibrationLink
    private let engine: ProbeEngine
    private let outages: [CalibrationPlan.Outage]
    private var trials: [CalibrationTrial] = []
    private var timer: EventLoop.Timer?
    /// CLOCK_MONOTONIC and CLOCK_BOOTTIME at the first probe's turn.
    private var start: Int64 = 0
    private var startUptime: Int64 = 0
    private var isOver = false

    /// How long after it was sent a probe that has not arrived is lost: far above a veth pair's few microseconds, and what a busy machine
    /// delays the reading of it, since the time of arrival is the kernel's.
    private static let drain: Int64 = 20_000_000
    /// How long after a reading's turn it is made: by then the loop has served the sockets.
    private static let turn: Int64 = 1_000_000

    /// Builds the link. Nothing is left of it after the completion, or after `end`.
    ///
    /// - Parameter means: how the link is taken down; nil for what rehearsals do where the kernel can.
    package init(
        _ plan: CalibrationPlan, means: CalibrationResult.Means? = nil, loop: EventLoop, environment: LabEnvironment,
        report: @escaping (Progress) -> Void, completion: @escaping (Result<CalibrationResult, any Error>) -> Void
    ) throws {
        let mistakes = plan.mistakes
        guard mistakes.isEmpty else { throw AgentMessage.Failure(kind: .badRequest, message: mistakes.joined(separator: "; ")) }
        self.plan = plan
        self.loop = loop
        self.environment = environment
        self.report = report
        self.completion = completion
        outages = plan.outages
        let link = try CalibrationLink(payload: plan.payload, means: means, environment: environment)
        self.link = link
        do {
            engine = try ProbeEngine(
                loop: loop, flows: plan.rates.map { .init(source: link.sender, rate: $0, phase: 0) },
                receivers: [link.sender, link.receiver], duration: nil, goesFirst: environment.isShared)
        } catch {
            _ = link.remove()
            throw error
        }
    }

    package func begin() {
        (start, startUptime) = environment.nextStart()
        engine.begin(at: start)
        scheduleNext(from: start)
    }

    /// Ends without a result, if it still runs, and removes the link.
    ///
    /// - Returns: what could not be removed.
    package func end() -> [any Error] {
        guard !isOver else { return [] }
        isOver = true
        timer.map(loop.cancel)
        _ = engine.end()
        return link.remove()
    }

    // MARK: - One outage

    /// - Parameter time: from when on no outage is under way.
    private func scheduleNext(from time: Int64) {
        guard trials.count < outages.count else { return finish() }
        let outage = outages[trials.count]
        let interval = Double(plan.slowestInterval)
        // Counted from a whole number of intervals, so that the phase is the one to the probes.
        let quiet = Double(time - start) / interval + 2
        let begin = start + Int64((quiet.rounded(.up) + outage.phase) * interval)
        at(begin) { run in try run.takeDown(for: outage) }
    }

    private func takeDown(for outage: CalibrationPlan.Outage) throws {
        let before = loop.now
        try link.takeDown()
        let after = loop.now
        at((before + after) / 2 + outage.duration) { run in
            let upBefore = run.loop.now
            try run.link.bringUp()
            run.recover(outage, KnownOutage(downBefore: before, downAfter: after, upBefore: upBefore, upAfter: run.loop.now))
        }
    }

    private func recover(_ outage: CalibrationPlan.Outage, _ known: KnownOutage) {
        let settled = known.upAfter + 2 * plan.slowestInterval + Self.drain
        at(settled + Self.drain) { run in
            run.at(run.loop.now + Self.turn) { run in run.read(outage, known, settled: settled) }
        }
    }

    /// - Parameter settled: probes sent before it have arrived or are lost.
    private func read(_ outage: CalibrationPlan.Outage, _ known: KnownOutage, settled: Int64) {
        let span = known.downBefore - start...known.upAfter - start
        let readings = engine.traces.map { CalibrationReading($0.settled(before: settled - start), of: span) }
        trials.append(CalibrationTrial(intended: outage.duration, known: known, readings: readings))
        engine.forget(sentBefore: settled - start)
        tellProgress()
        scheduleNext(from: loop.now)
    }

    /// Each report is a wake-up: some hundred are enough.
    private func tellProgress() {
        guard trials.count % max(1, outages.count / 100) == 0 || trials.count == outages.count else { return }
        report(Progress(phase: "calibrating", done: Double(trials.count), total: Double(outages.count)))
    }

    private func finish() {
        let errors = end()
        if let error = errors.first { return completion(.failure(error)) }
        completion(
            .success(
                CalibrationResult(
                    startUptime: startUptime, kernelRelease: AgentServer.kernelRelease, means: link.means, trials: trials)))
    }

    private func at(_ time: Int64, _ body: @escaping (CalibrationRun) throws -> Void) {
        timer = loop.timer(at: time) { [unowned self] in
            do {
                try body(self)
            } catch {
                _ = end()
                completion(.failure(error))
            }
        }
    }
}
