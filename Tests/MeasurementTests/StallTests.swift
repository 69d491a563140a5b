import Measurement
import Testing

@Suite struct StallTests {
    private static func stalls(_ deliveries: [Int64], interval: Int64 = 100, start: Int64 = 0, end: Int64) -> [Stall] {
        var detector = StallDetector(interval: interval, start: start)
        for time in deliveries { detector.delivered(at: time) }
        detector.finish(at: end)
        return detector.stalls
    }

    @Test("A pause of three intervals is none, a longer one is", arguments: [(400, 0), (401, 1)] as [(Int64, Int)])
    func threshold(next: Int64, count: Int) {
        #expect(Self.stalls([100, next], end: next) == (count == 0 ? [] : [Stall(start: 100, end: next)]))
    }

    @Test("What comes in a burst after a stall ends it once")
    func burst() {
        #expect(Self.stalls([100, 900, 900, 901, 1_000], end: 1_100) == [Stall(start: 100, end: 900)])
    }

    @Test("A stall that lasts to the end is open")
    func open() {
        let stalls = Self.stalls([100, 200], end: 5_000)
        #expect(stalls == [Stall(start: 200, end: nil)])
        #expect(stalls[0].length(until: 5_000) == 4_800)
    }

    @Test("Nothing at all is one open stall, from when the first was due")
    func nothing() { #expect(Self.stalls([], start: 1_000, end: 9_000) == [Stall(start: 1_000, end: nil)]) }

    @Test("After the end nothing counts")
    func afterTheEnd() {
        var detector = StallDetector(interval: 100)
        detector.delivered(at: 50)
        detector.finish(at: 100)
        detector.delivered(at: 10_000)
        #expect(detector.stalls.isEmpty)
    }
}
