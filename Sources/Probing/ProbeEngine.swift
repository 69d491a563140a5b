import EventLoop
import LinuxKernel
import Measurement

/// Sends the probes of many flows at their deadlines and records what arrives: one timer for all of them, and no wake-up for an arrival, which the kernel
/// has stamped.
///
/// Probe k of a flow is due at `start + (phase + k) / rate`, an absolute deadline: no send's delay shifts the next. A probe that could not be sent
/// within one interval of its deadline is skipped and counted as unsent: a burst made up later would measure something else.
public final class ProbeEngine {
    public struct Flow {
        public var source: ProbeSocket
        /// Probes per second.
        public var rate: Double
        /// Which part of an interval the flow's sends are behind the start, from 0 to below 1. Flows of different phases do not send in bursts.
        public var phase: Double

        public init(source: ProbeSocket, rate: Double, phase: Double) {
            self.source = source
            self.rate = rate
            self.phase = phase
        }

        /// Between two probes, in nanoseconds.
        var interval: Int64 { Int64(1e9 / rate) }
    }

    private let loop: EventLoop
    private var flows: ProbeFlows
    private let inbox: ProbeInbox
    private var start: Int64 = 0
    /// From the clock of timestamps (realtime) to nanoseconds since the start.
    private var epoch: Int64 = 0
    private var timer: EventLoop.Timer?
    /// What the timer does; made once, and not for each of its turns.
    private var whenDue: () -> Void = {}
    /// When arrivals are taken next, in the course of a turn; nanoseconds of CLOCK_MONOTONIC.
    private var nextReceipt: Int64 = 0
    private var isOver = false
    private let goesFirst: Bool
    private var priority: RealTimePriority?

    /// At most this many sends before others have their turn.
    private static let sendsPerTurn = 64
    /// For how long arrivals are left to gather. The sockets have room for far more than come in that time (`ProbeSocket`).
    private static let receiptInterval: Int64 = 100_000_000

    /// - Parameters:
    ///   - receivers: every socket that probes may arrive at; each once.
    ///   - duration: how long probes are sent; nil until the engine is ended.
    ///   - goesFirst: whether the loop's thread goes before the machine's others until the end, so that these do not keep it from sending in time;
    ///     without the right to it, it does not. In virtual time there are no others.
    public init(loop: EventLoop, flows: [Flow], receivers: [ProbeSocket], duration: Duration?, goesFirst: Bool) throws {
        self.goesFirst = goesFirst
        self.loop = loop
        self.flows = ProbeFlows(flows, duration: duration?.nanoseconds)
        inbox = try ProbeInbox(receivers)
        whenDue = { [unowned self] in takeTurn() }
    }

    /// What became of the probes so far, in the flows' order; times count from the start.
    public var traces: [FlowTrace] {
        receiveAll()
        return flows.traces
    }

    /// Begins at an instant of CLOCK_MONOTONIC, in nanoseconds, that has not passed.
    public func begin(at start: Int64) {
        self.start = start
        epoch = start + SystemClock.realtime.nanoseconds - SystemClock.monotonic.nanoseconds
        nextReceipt = start + Self.receiptInterval
        if goesFirst { priority = RealTimePriority() }
        flows.begin()
        scheduleNext()
    }

    /// Stops sending. What is still under way is not recorded any more.
    public func end() -> [FlowTrace] {
        receiveAll()
        isOver = true
        timer.map(loop.cancel)
        priority = nil
        return flows.traces
    }

    /// Forgets the probes sent before a time, in nanoseconds since the start.
    public func forget(sentBefore time: Int64) { flows.forget(sentBefore: time) }

    private func scheduleNext() {
        guard let next = flows.next else { return }
        timer = loop.timer(at: start + next, handler: whenDue)
    }

    private func takeTurn() {
        flows.send(atMost: Self.sendsPerTurn, epoch: epoch)
        receiveIfTime()
        scheduleNext()
    }

    /// A few sockets a turn, until they are empty: arrivals can wait, sends cannot.
    private func receiveIfTime() {
        let now = loop.now
        guard now >= nextReceipt else { return }
        if !flows.receiveSome(from: inbox, epoch: epoch) { nextReceipt = now + Self.receiptInterval }
    }

    private func receiveAll() {
        guard !isOver else { return }
        while flows.receiveSome(from: inbox, epoch: epoch) {}
    }
}
