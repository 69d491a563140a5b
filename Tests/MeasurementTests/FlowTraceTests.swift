import Testing

@testable import Measurement

@Suite struct FlowTraceTests {
    struct Run: Equatable, CustomStringConvertible {
        var first: Int
        var last: Int
        var lost: Int
        var description: String { "\(first)...\(last) (\(lost))" }
    }

    @Test(
        "Loss periods are maximal runs of lost probes",
        arguments: [
            ("", []),
            ("......", []),
            ("..xxx..", [Run(first: 2, last: 4, lost: 3)]),
            ("xx....x.", [Run(first: 0, last: 1, lost: 2), Run(first: 6, last: 6, lost: 1)]),
            ("...xx", [Run(first: 3, last: 4, lost: 2)]),
            ("xxxx", [Run(first: 0, last: 3, lost: 4)]),
            ("..xuux..", [Run(first: 2, last: 5, lost: 2)]),
            ("..uxxu..", [Run(first: 3, last: 4, lost: 2)]),
            ("..uu..", []),
            ("uuuu", []),
            ("dxd", [Run(first: 1, last: 1, lost: 1)]),
        ])
    func lossPeriods(pattern: String, expected: [Run]) {
        let trace = FlowTrace(pattern)
        #expect(trace.lossPeriods.map { Run(first: $0.firstSequence, last: $0.lastSequence, lost: $0.lost) } == expected)
        #expect(trace.lost == pattern.count { $0 == "x" })
        #expect(trace.unsent == pattern.count { $0 == "u" })
        #expect(trace.sent == pattern.count - trace.unsent)
        #expect(trace.duplicates == pattern.count { $0 == "d" })
        for period in trace.lossPeriods { #expect(trace.lostSendTimes(in: period).count == period.lost) }
    }

    @Test(
        "N consecutive losses at rate r read N/r and (N+1)/r (RFC 6201)",
        arguments: [(1, 10.0), (3, 10), (41, 10), (1, 1), (600, 1), (7, 50), (1000, 1000)])
    func methods(lost: Int, rate: Double) throws {
        let trace = FlowTrace(FlowTrace.pattern((".", 5), ("x", lost), (".", 5)), rate: rate)
        let period = try #require(trace.lossPeriods.first)
        let interval = Int64(1e9 / rate)
        #expect(period.frameLoss == Int64(lost) * interval)
        #expect(period.timestamp == Int64(lost + 1) * interval)
        #expect(trace.interval == interval)
        #expect(period.start == 5 * interval)
        #expect(period.end == Int64(4 + lost) * interval)
    }

    @Test("A run that is open at an end has no timestamps", arguments: ["xx...", "...xx", "xx"])
    func openRuns(pattern: String) {
        #expect(FlowTrace(pattern).lossPeriods.map(\.timestamp) == [nil])
    }

    @Test("Timestamps are those of arrival, not of sending")
    func arrivalTimes() {
        var trace = FlowTrace(rate: 10, expectedProbes: 3)
        for sequence in 0..<3 { trace.recordSend(sequence: sequence, at: Int64(sequence) * 100 * millisecond) }
        trace.recordArrival(sequence: 0, at: 5 * millisecond)
        trace.recordArrival(sequence: 2, at: 290 * millisecond)
        #expect(trace.lossPeriods.map(\.timestamp) == [285 * millisecond])
    }

    @Test("A probe that overtook the one before the run makes no negative interruption")
    func overtaking() {
        var trace = FlowTrace(rate: 1000, expectedProbes: 3)
        for sequence in 0..<3 { trace.recordSend(sequence: sequence, at: Int64(sequence) * millisecond) }
        trace.recordArrival(sequence: 2, at: 5 * millisecond)
        trace.recordArrival(sequence: 0, at: 9 * millisecond)
        #expect(trace.lossPeriods.map(\.timestamp) == [0])
    }

    @Test(
        "An arrival is reordered when a greater number came before it (RFC 4737)",
        arguments: [([0, 1, 2, 3], 0), ([1, 0, 2, 3], 1), ([3, 0, 1, 2], 3), ([0, 3, 1, 2], 2), ([2, 3, 1], 1)])
    func reordering(order: [Int], reordered: Int) {
        var trace = FlowTrace(rate: 10, expectedProbes: 4)
        for sequence in 0..<4 { trace.recordSend(sequence: sequence, at: Int64(sequence)) }
        for (index, sequence) in order.enumerated() {
            #expect(trace.recordArrival(sequence: sequence, at: Int64(100 + index)) == .first)
        }
        #expect(trace.reordered == reordered)
        #expect(trace.received == order.count)
    }

    @Test("A duplicate is counted as such, and its arrival does not replace the first")
    func duplicates() {
        var trace = FlowTrace(rate: 10, expectedProbes: 2)
        trace.recordSend(sequence: 0, at: 0)
        trace.recordSend(sequence: 1, at: 1)
        trace.recordArrival(sequence: 1, at: 10)
        trace.recordArrival(sequence: 0, at: 11)
        #expect(trace.recordArrival(sequence: 0, at: 20) == .duplicate)
        #expect((trace.received, trace.duplicates, trace.reordered) == (2, 1, 1))
        #expect(trace.arrivalTime(sequence: 0) == 11)
    }

    @Test("Arrivals of probes that were not sent are refused", arguments: [-1, 1, 2, Int.max])
    func unknownArrival(sequence: Int) {
        var trace = FlowTrace(rate: 10, expectedProbes: 2)
        trace.recordSend(sequence: 0, at: 0)
        trace.recordUnsent(sequence: 1)
        #expect(trace.recordArrival(sequence: sequence, at: 5) == .unknown)
        #expect(trace.received == 0)
    }

    @Test("Numbers left out are unsent")
    func leftOut() {
        var trace = FlowTrace(rate: 10, expectedProbes: 4)
        trace.recordSend(sequence: 3, at: 0)
        #expect((trace.sent, trace.unsent, trace.lost) == (1, 3, 1))
    }

    @Test("Delays are from the actual sending to the first arrival")
    func delay() {
        var trace = FlowTrace(rate: 10, expectedProbes: 4)
        for (sequence, delay) in [30, 10, 20, 40].enumerated() {
            trace.recordSend(sequence: sequence, at: Int64(sequence))
            trace.recordArrival(sequence: sequence, at: Int64(sequence + delay))
        }
        #expect(trace.delay == Distribution([10, 20, 30, 40]))
        #expect(FlowTrace("xxx").delay == nil)
    }
}
