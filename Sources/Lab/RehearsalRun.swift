import Addressing
import AgentProtocol
import Applications
import EventLoop
import Gateway
import KeyExchange
import LabPlan
import LinuxKernel
import Measurement
import Probing

/// One rehearsal in a lab that is up: probes run, the steps are carried out, and what was lost is accounted for.
///
///     begin ── probes ── steps ── … ── duration ── (what is under way arrives) ── result
final class RehearsalRun {
    private unowned let laboratory: Laboratory
    private let loop: EventLoop
    private let plan: LabPlan
    private let completion: (Result<RehearsalResult, any Error>) -> Void
    private let engine: ProbeEngine
    private let clearTextWatches: [ClearTextWatch]
    private let dropWatch: DropWatch?
    private let applications: ConnectionApplications?
    /// Of the nodes where applications run: the virtual network, and every site.
    private let segmentCounters: (gateway: [SegmentCounter], site: [SegmentCounter])
    private var segmentsBefore = SegmentsAtEnds()
    private var steps: StepSequence!
    private var timers: [EventLoop.Timer] = []
    /// CLOCK_MONOTONIC and CLOCK_BOOTTIME at the measured part's start.
    private var start: Int64 = 0
    private var startUptime: Int64 = 0
    private var isOver = false
    /// What the SAs had carried when the measured part began.
    private var carriedBefore: [SecurityLedger.Carried] = []

    /// How long after the last probe arrivals are waited for, beyond the delay of the links they cross.
    private static let drain = Duration.seconds(2)

    init(
        _ laboratory: Laboratory, engine: ProbeEngine, clearTextWatches: [ClearTextWatch],
        completion: @escaping (Result<RehearsalResult, any Error>) -> Void
    ) throws {
        self.laboratory = laboratory
        self.engine = engine
        self.completion = completion
        self.clearTextWatches = clearTextWatches
        loop = laboratory.loop
        plan = laboratory.plan
        dropWatch = DropWatch(plan: plan, loop: loop, environment: laboratory.environment)
        applications = try laboratory.makeApplications()
        let sites = applications == nil ? [] : Set(plan.connections.map(\.site)).sorted()
        func counters(_ nodes: [Int]) throws -> [SegmentCounter] {
            try nodes.map { try SegmentCounter(of: laboratory.nodes[$0].namespace, on: laboratory.thread) }
        }
        segmentCounters = (try counters(applications == nil ? [] : [LabPlan.virtualNetwork]), try counters(sites))
    }

    func begin() throws {
        (start, startUptime) = laboratory.environment.nextStart()
        let rehearsal = plan.rehearsal
        carriedBefore = try carried()
        segmentsBefore = try segments()
        laboratory.sampler.begin(at: start)
        laboratory.notices.begin(at: start)
        dropWatch?.begin()
        engine.begin(at: start)
        applications?.begin(at: start, for: rehearsal.duration)
        steps = StepSequence(rehearsal.steps, in: laboratory, from: start, engine: engine) { [unowned self] in fail($0) }
        steps.begin()
        at(rehearsal.duration + Self.drain + plan.longestDelay) { $0.finish() }
        // Each report is a wake-up: a long run tells its progress less often.
        let seconds = Int(rehearsal.duration.components.seconds)
        for second in stride(from: 0, through: seconds, by: max(1, seconds / 300)) {
            at(.seconds(second)) { run in
                run.laboratory.report(
                    Progress(phase: "measuring", done: Double(second), total: Double(seconds)))
            }
        }
    }

    /// Ends without a result.
    func abandon() {
        isOver = true
        steps?.end()
        for timer in timers { loop.cancel(timer) }
        _ = dropWatch?.end()
        _ = engine.end()
        _ = applications?.end(disruption: nil)
    }

    func fail(_ error: any Error) {
        guard !isOver else { return }
        abandon()
        completion(.failure(error))
    }

    /// Something has happened in the lab: steps may wait for it.
    func happened(_ event: TimelineEvent) { steps?.happened(event) }

    private func at(_ offset: Duration, _ body: @escaping (RehearsalRun) -> Void) {
        timers.append(loop.timer(at: start + offset.nanoseconds) { [unowned self] in body(self) })
    }

    // MARK: - The result

    private func finish() {
        guard !isOver else { return }
        do {
            steps.finish()
            let snapshots = laboratory.sampler.end()
            let traces = engine.end()
            isOver = true
            completion(.success(try result(traces, snapshots)))
        } catch {
            isOver = true
            completion(.failure(error))
        }
    }

    private func result(_ traces: [FlowTrace], _ snapshots: [CounterSnapshot]) throws -> RehearsalResult {
        let events = laboratory.timeline.events(since: start)
        let rule = OutageRule(
            reset: steps.firstAction ?? 0, backgroundLoss: plan.highestBackgroundLoss, probes: traces.reduce(0) { $0 + $1.sent })
        let paths = FlowPaths(plan: plan)
        let flows = zip(FlowIdentity.all(of: plan), traces).map { identity, trace in
            RehearsalAnalysis.Flow(
                connection: plan.connections[identity.connection].name, direction: identity.direction, trace: trace,
                path: paths.path(of: identity))
        }
        let analysis = RehearsalAnalysis(flows: flows, snapshots: snapshots, rule: rule)
        // While the applications' connections stand: their end is no part of what is counted.
        let encryption = try audit(traces)
        return RehearsalResult(
            startUptime: startUptime, kernelRelease: AgentServer.kernelRelease, events: events, flows: analysis.results,
            encryption: encryption, ledger: analysis.ledger, drops: dropWatch?.end(), notices: laboratory.notices.end(),
            applications: applications?.end(disruption: steps.firstAction))
    }

    private func audit(_ traces: [FlowTrace]) throws -> EncryptionAudit {
        // In this order: what comes meanwhile may only be missing in what was received, and too much in what was sent.
        let received = try segments()
        let carriedAfter = try carried()
        let sent = try segments()
        let counts = zip(FlowIdentity.all(of: plan), traces).map { identity, trace in
            let (site, gateway) = (2 * identity.connection, 2 * identity.connection + 1)
            let (sender, receiver) = identity.direction == .toGateway ? (site, gateway) : (gateway, site)
            return EncryptionAudit.FlowCount(
                connection: plan.connections[identity.connection].name, direction: identity.direction, sent: UInt64(trace.sent),
                sealed: carriedAfter[sender].sealed - carriedBefore[sender].sealed,
                opened: carriedAfter[receiver].opened - carriedBefore[receiver].opened,
                arrived: UInt64(trace.received + trace.duplicates))
        }
        return EncryptionAudit(
            flows: counts,
            segments: applications == nil
                ? nil
                : [
                    .init(
                        direction: .toGateway, sent: sent.site.sent - segmentsBefore.site.sent,
                        arrived: received.gateway.received - segmentsBefore.gateway.received),
                    .init(
                        direction: .toSite, sent: sent.gateway.sent - segmentsBefore.gateway.sent,
                        arrived: received.site.received - segmentsBefore.site.received),
                ], clearText: UInt64(clearTextWatches.reduce(0) { $0 + $1.count }))
    }

    /// TCP segments of all applications, by the end where they were counted.
    private struct SegmentsAtEnds {
        var gateway = SegmentCounter.Count(sent: 0, received: 0)
        var site = SegmentCounter.Count(sent: 0, received: 0)
    }

    private func segments() throws -> SegmentsAtEnds {
        func sum(_ counters: [SegmentCounter]) throws -> SegmentCounter.Count {
            try counters.reduce(into: .init(sent: 0, received: 0)) { sum, counter in
                let count = try counter.read()
                sum.sent += count.sent
                sum.received += count.received
            }
        }
        return SegmentsAtEnds(gateway: try sum(segmentCounters.gateway), site: try sum(segmentCounters.site))
    }

    /// What each connection's SAs have carried: the site's, then the gateway's.
    private func carried() throws -> [SecurityLedger.Carried] {
        try plan.connections.enumerated().flatMap { index, connection in
            try [ConnectionEnd.Side.site, .gateway].map {
                try laboratory.securityLedger.carried(connection: index, tunnels: connection.tunnels.count, side: $0)
            }
        }
    }
}

extension LabPlan {
    /// The longest way a packet can take by the impairments of the links it crosses.
    var longestDelay: Duration {
        links.flatMap(\.ends).compactMap { $0.impairment.map { $0.delay + $0.jitter } }.max().map { $0 * 3 } ?? .zero
    }

    /// Of any flow: the probability that the links it crosses lose a packet at random.
    var highestBackgroundLoss: Double { links.flatMap(\.ends).compactMap(\.impairment?.loss).max() ?? 0 }
}
