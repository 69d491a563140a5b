/// What became of every probe of one flow: one direction of one connection.
///
/// Probes are numbered from 0 in the order of sending. After `init(rate:expectedProbes:)` nothing is allocated until more probes are
/// recorded than were expected; a probe takes `bytesPerProbe`. All times are nanoseconds since the measured part's start.
///
/// A trace is judged when every probe has arrived or can arrive no more: wait for the longest transit time after the last send.
public struct FlowTrace: Sendable {
    /// What an arrival turned out to be.
    public enum Arrival: Sendable, Equatable {
        case first
        case duplicate
        /// No probe of this number was sent.
        case unknown
    }

    /// Offered probes per second.
    public let rate: Double
    /// Arrivals of probes that had arrived before.
    public private(set) var duplicates = 0
    /// First arrivals with a smaller number than one before (RFC 4737 §3, Type-P-Reordered).
    public private(set) var reordered = 0
    public private(set) var sent = 0
    /// Probes that had arrived at least once.
    public private(set) var received = 0

    /// Of the probes from `firstKept` on.
    private var sendTimes: [Int64] = []
    private var arrivalTimes: [Int64] = []
    /// The number of the first probe that is not forgotten.
    public private(set) var firstKept = 0
    /// RFC 4737's NextExp: one more than the greatest number that has arrived.
    private var nextExpected = 0

    /// What a probe takes in a trace, in bytes.
    public static let bytesPerProbe = 2 * MemoryLayout<Int64>.size
    /// What a probe of the flow that is being evaluated takes besides: a copy of the trace, and its delays to be sorted.
    public static let evaluationBytesPerProbe = bytesPerProbe + MemoryLayout<Int64>.size

    /// In place of a time that there is not.
    private static let never = Int64.min

    /// - Parameters:
    ///   - rate: offered probes per second, more than 0.
    ///   - expectedProbes: for how many probes to reserve memory.
    public init(rate: Double, expectedProbes: Int) {
        precondition(rate > 0, "a flow offers probes")
        self.rate = rate
        sendTimes.reserveCapacity(expectedProbes)
        arrivalTimes.reserveCapacity(expectedProbes)
    }

    /// Probes up to the greatest number recorded that never entered the network. An unsent probe is not a lost one.
    public var unsent: Int { sendTimes.count - sent }

    /// The numbers of the probes recorded and not forgotten.
    var recorded: Range<Int> { firstKept..<firstKept + sendTimes.count }

    public var lost: Int { sent - received }

    /// The interval between two probes in nanoseconds: the resolution of both methods of measuring an outage.
    public var interval: Int64 { duration(ofProbes: 1) }

    /// Record a probe that was handed to the network, also when the kernel refused it for want of a route or a security association: that is
    /// the outage. Numbers that were left out count as unsent.
    ///
    /// - Parameter time: the actual time of sending, not the scheduled one.
    public mutating func recordSend(sequence: Int, at time: Int64) {
        guard reachSequence(sequence) else { return }
        if sendTimes[sequence - firstKept] == Self.never { sent += 1 }
        sendTimes[sequence - firstKept] = time
    }

    /// Record a probe whose turn passed without a try to send it: the sender was late, or its own buffer full.
    public mutating func recordUnsent(sequence: Int) { _ = reachSequence(sequence) }

    /// - Parameter time: the kernel's receive timestamp.
    @discardableResult
    public mutating func recordArrival(sequence: Int, at time: Int64) -> Arrival {
        guard recorded.contains(sequence), sendTimes[sequence - firstKept] != Self.never else { return .unknown }
        guard arrivalTimes[sequence - firstKept] == Self.never else {
            duplicates += 1
            return .duplicate
        }
        arrivalTimes[sequence - firstKept] = time
        received += 1
        if sequence < nextExpected {
            reordered += 1
        } else {
            nextExpected = sequence + 1
        }
        return .first
    }

    /// - Returns: false for a probe that is forgotten.
    private mutating func reachSequence(_ sequence: Int) -> Bool {
        precondition(sequence >= 0, "probes are numbered from 0")
        while firstKept + sendTimes.count <= sequence {
            sendTimes.append(Self.never)
            arrivalTimes.append(Self.never)
        }
        return sequence >= firstKept
    }

    /// Forgets the probes before one, as if the flow had begun with it: for flows that run for days.
    public mutating func forget(before sequence: Int) {
        let count = min(max(0, sequence - firstKept), sendTimes.count)
        for index in 0..<count where sendTimes[index] != Self.never {
            sent -= 1
            if arrivalTimes[index] != Self.never { received -= 1 }
        }
        sendTimes.removeFirst(count)
        arrivalTimes.removeFirst(count)
        firstKept += count
    }

    /// Forgets the probes sent before a time.
    public mutating func forget(sentBefore time: Int64) {
        forget(before: recorded.first { sendTimes[$0 - firstKept] >= time } ?? recorded.upperBound)
    }

    /// The trace without the probes sent from a time on: those may still be under way.
    public func settled(before time: Int64) -> FlowTrace {
        var trace = self
        while let last = trace.sendTimes.last, last == Self.never || last >= time {
            if last != Self.never {
                trace.sent -= 1
                if trace.arrivalTimes[trace.arrivalTimes.count - 1] != Self.never { trace.received -= 1 }
            }
            trace.sendTimes.removeLast()
            trace.arrivalTimes.removeLast()
        }
        return trace
    }

    /// What became of the probes sent in a span of time: how many there were, how many of them were lost, and the longest run of lost ones.
    ///
    /// - Parameter span: ends long enough ago for its last probe to have arrived. Read from its end, so that a short one of a long flow costs
    ///   little.
    public func window(_ span: Range<Int64>) -> (sent: Int, lost: Int, longestRun: Int) {
        var (sent, lost, run, longest) = (0, 0, 0, 0)
        for index in sendTimes.indices.reversed() where sendTimes[index] != Self.never && sendTimes[index] < span.upperBound {
            guard sendTimes[index] >= span.lowerBound else { break }
            sent += 1
            if arrivalTimes[index] == Self.never {
                lost += 1
                run += 1
                longest = max(longest, run)
            } else {
                run = 0
            }
        }
        return (sent, lost, longest)
    }

    /// When the probe was sent; nil for an unsent one.
    public func sendTime(sequence: Int) -> Int64? { Self.time(sendTimes[sequence - firstKept]) }

    /// When the probe arrived first; nil for a lost or unsent one.
    public func arrivalTime(sequence: Int) -> Int64? { Self.time(arrivalTimes[sequence - firstKept]) }

    private static func time(_ stored: Int64) -> Int64? { stored == never ? nil : stored }

    /// When the last probe was sent.
    public var lastSendTime: Int64? { sendTimes.last { $0 != Self.never } }

    /// How long the flow takes to offer this many probes, to the nearest nanosecond.
    func duration(ofProbes probes: Int) -> Int64 { Int64(Double(probes) * 1e9 / rate + 0.5) }

    /// One-way delay of first arrivals, in nanoseconds; nil when nothing arrived.
    public var delay: Distribution? {
        Distribution(zip(sendTimes, arrivalTimes).lazy.filter { $0.1 != Self.never }.map { $0.1 - $0.0 })
    }

    /// Of the probes sent in a span of time that arrived: when they were sent, and their one-way delay.
    func delays(sentIn span: Range<Int64>) -> some Sequence<(sent: Int64, delay: Int64)> {
        zip(sendTimes, arrivalTimes).lazy
            .filter { $0.1 != Self.never && span.contains($0.0) }
            .map { (sent: $0.0, delay: $0.1 - $0.0) }
    }

    /// The maximal runs of lost probes, without causes.
    public var lossPeriods: [LossPeriod] {
        var periods: [LossPeriod] = []
        var lastArrived: Int?
        var firstLost = 0
        var lastLost = 0
        var lost = 0
        for sequence in recorded where sendTimes[sequence - firstKept] != Self.never {
            guard arrivalTimes[sequence - firstKept] != Self.never else {
                if lost == 0 { firstLost = sequence }
                lastLost = sequence
                lost += 1
                continue
            }
            if lost > 0 {
                periods.append(lossPeriod(firstLost...lastLost, lost: lost, after: lastArrived, before: sequence))
                lost = 0
            }
            lastArrived = sequence
        }
        if lost > 0 { periods.append(lossPeriod(firstLost...lastLost, lost: lost, after: lastArrived, before: nil)) }
        return periods
    }

    private func lossPeriod(_ sequences: ClosedRange<Int>, lost: Int, after: Int?, before: Int?) -> LossPeriod {
        LossPeriod(
            start: sendTimes[sequences.lowerBound - firstKept], end: sendTimes[sequences.upperBound - firstKept],
            firstSequence: sequences.lowerBound,
            lastSequence: sequences.upperBound, lost: lost, frameLoss: duration(ofProbes: lost),
            timestamp: interruption(from: after, to: before))
    }

    /// From one probe's arrival to another's; 0 when jitter made the later one overtake.
    func interruption(from before: Int?, to after: Int?) -> Int64? {
        guard let before, let after else { return nil }
        return max(0, arrivalTimes[after - firstKept] - arrivalTimes[before - firstKept])
    }

    /// When the lost probes of a loss period were sent, in order.
    public func lostSendTimes(in period: LossPeriod) -> [Int64] {
        (period.firstSequence...period.lastSequence).compactMap { sendTime(sequence: $0) }
    }

    /// The nearest probe before the loss period that arrived.
    func lastArrived(before period: LossPeriod) -> Int? {
        arrivalTimes[..<(period.firstSequence - firstKept)].lastIndex { $0 != Self.never }.map { $0 + firstKept }
    }

    /// The nearest probe after the loss period that arrived.
    func firstArrived(after period: LossPeriod) -> Int? {
        arrivalTimes[(period.lastSequence + 1 - firstKept)...].firstIndex { $0 != Self.never }.map { $0 + firstKept }
    }
}
