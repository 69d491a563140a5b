import HeapModule
import LinuxKernel
import Measurement

/// Flows, which of their probes is due next, and what became of those before. One value, which the engine takes hold of once for many probes.
struct ProbeFlows {
    private struct Due: Comparable {
        /// Nanoseconds since the start.
        let at: Int64
        let flow: Int
        let sequence: Int

        static func < (lhs: Due, rhs: Due) -> Bool { lhs.at != rhs.at ? lhs.at < rhs.at : lhs.flow < rhs.flow }
    }

    private let flows: [ProbeEngine.Flow]
    /// Nanoseconds.
    private let duration: Int64?
    /// In the flows' order; times count from the start.
    private(set) var traces: [FlowTrace]
    private var due = Heap<Due>()

    init(_ flows: [ProbeEngine.Flow], duration: Int64?) {
        self.flows = flows
        self.duration = duration
        traces = flows.map { flow in
            FlowTrace(rate: flow.rate, expectedProbes: Int((Double(duration ?? 0) * flow.rate / 1e9).rounded(.up)))
        }
    }

    /// Makes each flow's first probe due.
    mutating func begin() {
        for (index, flow) in flows.enumerated() { due.insert(Due(at: deadline(of: 0, of: flow), flow: index, sequence: 0)) }
    }

    /// When the next probe is due, in nanoseconds since the start.
    var next: Int64? { due.min?.at }

    /// Sends what is due, at most so many probes.
    ///
    /// - Parameter epoch: the start, in nanoseconds of CLOCK_REALTIME.
    mutating func send(atMost limit: Int, epoch: Int64) {
        var now = SystemClock.realtime.nanoseconds - epoch
        for number in 0..<limit {
            guard let next = due.min else { return }
            if number > 0 || next.at > now { now = SystemClock.realtime.nanoseconds - epoch }
            guard next.at <= now else { return }
            send(next, at: now)
        }
    }

    /// - Parameter next: the first one of the heap, whose place its successor takes.
    private mutating func send(_ next: Due, at now: Int64) {
        let sequence = next.sequence
        if now - next.at > flows[next.flow].interval {
            traces[next.flow].recordUnsent(sequence: sequence)
        } else {
            let probe = ProbePacket(flow: UInt32(next.flow), sequence: UInt64(sequence), sentAt: now)
            switch flows[next.flow].source.send(probe) {
            case .sent, .refused: traces[next.flow].recordSend(sequence: sequence, at: now)
            case .unsent: traces[next.flow].recordUnsent(sequence: sequence)
            }
        }
        let following = deadline(of: sequence + 1, of: flows[next.flow])
        if duration.map({ following < $0 }) ?? true {
            due.replaceMin(with: Due(at: following, flow: next.flow, sequence: sequence + 1))
        } else {
            due.removeMin()
        }
    }

    /// From the sequence number, not from the deadline before: fractions of a nanosecond do not add up.
    private func deadline(of sequence: Int, of flow: ProbeEngine.Flow) -> Int64 {
        Int64((flow.phase + Double(sequence)) * 1e9 / flow.rate)
    }

    /// Takes in what has arrived at some sockets.
    ///
    /// - Returns: whether there may be more at others.
    mutating func receiveSome(from inbox: ProbeInbox, epoch: Int64) -> Bool {
        inbox.takeSome { probe, arrival in
            let flow = Int(probe.flow)
            guard traces.indices.contains(flow) else { return }
            traces[flow].recordArrival(sequence: Int(clamping: probe.sequence), at: arrival - epoch)
        }
    }

    /// Forgets the probes sent before a time, in nanoseconds since the start.
    mutating func forget(sentBefore time: Int64) {
        for index in traces.indices { traces[index].forget(sentBefore: time) }
    }
}
