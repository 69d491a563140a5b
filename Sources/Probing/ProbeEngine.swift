import Addressing
import EventLoop
import HeapModule
import LinuxKernel
import Measurement

/// Sends the probes of many flows at their deadlines and records what arrives: one timer for all of them.
///
/// Probe k of a flow is due at `start + (phase + k) / rate`, an absolute deadline: no send's delay shifts the next. A probe that could not be sent within one interval of its deadline is
/// skipped and counted as unsent: a burst made up later would measure something else.
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
    }

    private struct Due: Comparable {
        /// Nanoseconds since the start.
        let at: Int64
        let flow: Int
        let sequence: Int

        static func < (lhs: Due, rhs: Due) -> Bool { (lhs.at, lhs.flow) < (rhs.at, rhs.flow) }
    }

    private let loop: EventLoop
    private let flows: [Flow]
    private let duration: Int64?
    /// What became of the probes so far, in the flows' order; times count from the start.
    public private(set) var traces: [FlowTrace]
    private var due = Heap<Due>()
    private var start: Int64 = 0
    /// From the clock of timestamps (realtime) to nanoseconds since the start.
    private var epoch: Int64 = 0
    private var watches: [EventLoop.Watch] = []
    private let batch = ProbeBatch()
    private var timer: EventLoop.Timer?
    /// What the timer does; made once, and not for each of its turns.
    private var whenDue: () -> Void = {}

    /// At most this many sends before arrivals have their turn.
    private static let sendsPerTurn = 64

    /// - Parameters:
    ///   - receivers: every socket that probes may arrive at; each once.
    ///   - duration: how long probes are sent; nil until the engine is ended.
    public init(loop: EventLoop, flows: [Flow], receivers: [ProbeSocket], duration: Duration?) throws {
        self.loop = loop
        self.flows = flows
        self.duration = duration?.nanoseconds
        traces = flows.map { flow in
            FlowTrace(rate: flow.rate, expectedProbes: Int((Double(duration?.nanoseconds ?? 0) * flow.rate / 1e9).rounded(.up)))
        }
        whenDue = { [unowned self] in sendDue() }
        for receiver in receivers {
            watches.append(try loop.watch(receiver.fileDescriptor) { [unowned self] _ in self.receive(from: receiver) })
        }
    }

    /// Begins at an instant of CLOCK_MONOTONIC, in nanoseconds, that has not passed.
    public func begin(at start: Int64) {
        self.start = start
        epoch = start + SystemClock.realtime.nanoseconds - SystemClock.monotonic.nanoseconds
        for (index, flow) in flows.enumerated() {
            due.insert(Due(at: deadline(of: 0, of: flow), flow: index, sequence: 0))
        }
        scheduleNext()
    }

    /// Stops watching. What is still under way is not recorded any more.
    public func end() -> [FlowTrace] {
        for watch in watches { loop.cancel(watch) }
        watches = []
        timer.map(loop.cancel)
        return traces
    }

    /// Forgets the probes sent before a time, in nanoseconds since the start.
    public func forget(sentBefore time: Int64) {
        for index in traces.indices { traces[index].forget(sentBefore: time) }
    }

    private func scheduleNext() {
        guard let next = due.min else { return }
        timer = loop.timer(at: start + next.at, handler: whenDue)
    }

    private func sendDue() {
        var remaining = Self.sendsPerTurn
        while remaining > 0, let next = due.min, start + next.at <= loop.now {
            remaining -= 1
            send(next)
        }
        scheduleNext()
    }

    /// - Parameter next: the first one of the heap, whose place its successor takes.
    private func send(_ next: Due) {
        let flow = flows[next.flow]
        let sequence = next.sequence
        let now = SystemClock.realtime.nanoseconds - epoch
        if now - next.at > Int64(1e9 / flow.rate) {
            traces[next.flow].recordUnsent(sequence: sequence)
        } else {
            let probe = ProbePacket(flow: UInt32(next.flow), sequence: UInt64(sequence), sentAt: now)
            switch flow.source.send(probe) {
            case .sent, .refused: traces[next.flow].recordSend(sequence: sequence, at: now)
            case .unsent: traces[next.flow].recordUnsent(sequence: sequence)
            }
        }
        let following = deadline(of: sequence + 1, of: flow)
        if duration.map({ following < $0 }) ?? true {
            due.replaceMin(with: Due(at: following, flow: next.flow, sequence: sequence + 1))
        } else {
            due.removeMin()
        }
    }

    /// From the sequence number, not from the deadline before: fractions of a nanosecond do not add up.
    private func deadline(of sequence: Int, of flow: Flow) -> Int64 { Int64((flow.phase + Double(sequence)) * 1e9 / flow.rate) }

    private func receive(from socket: ProbeSocket) {
        socket.receive(batch) { probe, arrival in
            let flow = Int(probe.flow)
            guard traces.indices.contains(flow) else { return }
            traces[flow].recordArrival(sequence: Int(clamping: probe.sequence), at: arrival - epoch)
        }
    }
}
