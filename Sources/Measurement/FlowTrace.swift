/// What became of every probe of one flow: one direction of one connection.
///
/// Probes are numbered from 0 in the order of sending. After `init(rate:expectedProbes:)` nothing is allocated until more probes are
/// recorded than were expected; a probe takes 16 bytes. All times are nanoseconds since the measured part's start.
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

    private var sendTimes: [Int64] = []
    private var arrivalTimes: [Int64] = []
    /// RFC 4737's NextExp: one more than the greatest number that has arrived.
    private var nextExpected = 0

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

    public var lost: Int { sent - received }

    /// The interval between two probes in nanoseconds: the resolution of both methods of measuring an outage.
    public var interval: Int64 { duration(ofProbes: 1) }

    /// Record a probe that was handed to the network, also when the kernel refused it for want of a route or a security association: that is
    /// the outage. Numbers that were left out count as unsent.
    ///
    /// - Parameter time: the actual time of sending, not the scheduled one.
    public mutating func recordSend(sequence: Int, at time: Int64) {
        reachSequence(sequence)
        if sendTimes[sequence] == Self.never { sent += 1 }
        sendTimes[sequence] = time
    }

    /// Record a probe whose turn passed without a try to send it: the sender was late, or its own buffer full.
    public mutating func recordUnsent(sequence: Int) { reachSequence(sequence) }

    /// - Parameter time: the kernel's receive timestamp.
    @discardableResult
    public mutating func recordArrival(sequence: Int, at time: Int64) -> Arrival {
        guard sendTimes.indices.contains(sequence), sendTimes[sequence] != Self.never else { return .unknown }
        guard arrivalTimes[sequence] == Self.never else {
            duplicates += 1
            return .duplicate
        }
        arrivalTimes[sequence] = time
        received += 1
        if sequence < nextExpected {
            reordered += 1
        } else {
            nextExpected = sequence + 1
        }
        return .first
    }

    private mutating func reachSequence(_ sequence: Int) {
        precondition(sequence >= 0, "probes are numbered from 0")
        while sendTimes.count <= sequence {
            sendTimes.append(Self.never)
            arrivalTimes.append(Self.never)
        }
    }

    /// When the probe was sent; nil for an unsent one.
    public func sendTime(sequence: Int) -> Int64? { Self.time(sendTimes[sequence]) }

    /// When the probe arrived first; nil for a lost or unsent one.
    public func arrivalTime(sequence: Int) -> Int64? { Self.time(arrivalTimes[sequence]) }

    private static func time(_ stored: Int64) -> Int64? { stored == never ? nil : stored }

    /// When the last probe was sent.
    public var lastSendTime: Int64? { sendTimes.last { $0 != Self.never } }

    /// How long the flow takes to offer this many probes, to the nearest nanosecond.
    func duration(ofProbes probes: Int) -> Int64 { Int64(Double(probes) * 1e9 / rate + 0.5) }

    /// One-way delay of first arrivals, in nanoseconds; nil when nothing arrived.
    public var delay: Distribution? {
        Distribution(zip(sendTimes, arrivalTimes).lazy.filter { $0.1 != Self.never }.map { $0.1 - $0.0 })
    }

    /// The maximal runs of lost probes, without causes.
    public var lossPeriods: [LossPeriod] {
        var periods: [LossPeriod] = []
        var lastArrived: Int?
        var firstLost = 0
        var lastLost = 0
        var lost = 0
        for sequence in sendTimes.indices where sendTimes[sequence] != Self.never {
            guard arrivalTimes[sequence] != Self.never else {
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
            start: sendTimes[sequences.lowerBound], end: sendTimes[sequences.upperBound], firstSequence: sequences.lowerBound,
            lastSequence: sequences.upperBound, lost: lost, frameLoss: duration(ofProbes: lost),
            timestamp: interruption(from: after, to: before))
    }

    /// From one probe's arrival to another's; 0 when jitter made the later one overtake.
    func interruption(from before: Int?, to after: Int?) -> Int64? {
        guard let before, let after else { return nil }
        return max(0, arrivalTimes[after] - arrivalTimes[before])
    }

    /// When the lost probes of a loss period were sent, in order.
    public func lostSendTimes(in period: LossPeriod) -> [Int64] {
        (period.firstSequence...period.lastSequence).compactMap { sendTime(sequence: $0) }
    }

    /// The nearest probe before the loss period that arrived.
    func lastArrived(before period: LossPeriod) -> Int? {
        arrivalTimes[..<period.firstSequence].lastIndex { $0 != Self.never }
    }

    /// The nearest probe after the loss period that arrived.
    func firstArrived(after period: LossPeriod) -> Int? {
        arrivalTimes[(period.lastSequence + 1)...].firstIndex { $0 != Self.never }
    }
}
