import Measurement
import Testing

@Suite struct FlowDelayTests {
    private static let second: Int64 = 1_000_000_000

    /// Ten probes a second for a minute; those sent from 20 s until 30 s are lost, all but two; 10 ms, from 40 s on 20 ms.
    private static func result() -> FlowResult {
        var trace = FlowTrace(rate: 10, expectedProbes: 600)
        for sequence in 0..<600 {
            let time = Int64(sequence) * second / 10
            trace.recordSend(sequence: sequence, at: time)
            guard !(200..<300).contains(sequence) || [250, 251].contains(sequence) else { continue }
            trace.recordArrival(sequence: sequence, at: time + (sequence < 400 ? 10_000_000 : 20_000_000) + (sequence == 250 ? 7 : 0))
        }
        return FlowResult(
            connection: "hq", direction: .toGateway, trace: trace, rule: OutageRule(reset: 20 * second, minimumRun: 1))
    }

    @Test("Before, in and after the outage")
    func phases() {
        let delay = Self.result().delay
        #expect(delay.before == Distribution([Int64](repeating: 10_000_000, count: 200)))
        #expect(delay.during == Distribution([10_000_007, 10_000_000]))
        #expect(delay.after?.count == 300)
        #expect(delay.after?.minimum == 10_000_000)
        #expect(delay.after?.median == 20_000_000)
        #expect(delay.all?.count == 502)
    }

    @Test("The series covers all that was sent in bins of equal width, with gaps where nothing arrived")
    func series() throws {
        let series = try #require(Self.result().delay.series)
        #expect(series.median.count <= 240 && series.median.count == series.maximum.count)
        #expect(Int64(series.median.count) * series.binWidth > 599 * Self.second / 10)
        #expect(Int64(series.median.count - 1) * series.binWidth <= 599 * Self.second / 10)
        let bin = { (seconds: Double) in Int(seconds * 1e9 / Double(series.binWidth)) }
        #expect(series.median[bin(10)] == 10_000_000)
        #expect(series.median[bin(22)] == nil && series.maximum[bin(22)] == nil)
        #expect(series.maximum[bin(25)] == 10_000_007)
        #expect(series.median[bin(50)] == 20_000_000)
    }

    @Test("A slow flow's bins hold a probe each")
    func slow() throws {
        var trace = FlowTrace(rate: 1, expectedProbes: 5)
        for sequence in 0..<5 {
            trace.recordSend(sequence: sequence, at: Int64(sequence) * Self.second)
            trace.recordArrival(sequence: sequence, at: Int64(sequence) * Self.second + 3)
        }
        let result = FlowResult(connection: "hq", direction: .toSite, trace: trace, rule: OutageRule(reset: 0, minimumRun: 1))
        #expect(result.delay.series?.median == [3, 3, 3, 3, 3])
        #expect(result.delay.before == nil && result.delay.during == nil && result.delay.after == nil)
    }

    @Test("Nothing arrived: nothing to tell")
    func none() {
        var trace = FlowTrace(rate: 1, expectedProbes: 1)
        trace.recordSend(sequence: 0, at: 0)
        let result = FlowResult(connection: "hq", direction: .toSite, trace: trace, rule: OutageRule(reset: 0, minimumRun: 1))
        #expect(result.delay.all == nil && result.delay.series == nil)
    }
}
