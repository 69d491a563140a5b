import Testing

@testable import Topology

@Suite struct QuantityTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("1us", .microseconds(1)), ("45ms", .milliseconds(45)), ("0.5ms", .microseconds(500)),
        ("1.5s", .milliseconds(1_500)),
        ("30s", .seconds(30)), ("45min", .seconds(2_700)), ("1.5h", .seconds(5_400)), ("0.000001us", Duration(attoseconds: 1_000_000)),
        ("999999999.999999h", Duration(attoseconds: 999_999_999_999_999 * 3_600_000_000_000_000)),
    ])
    func durationsAreExact(text: String, expected: Duration) throws {
        guard case .value(let duration) = DurationText.parse(text) else {
            Issue.record("\(text) is a duration")
            return
        }
        #expect(duration == expected)
    }

    @Test(arguments: [
        "", "s", ".5s", "5.s", "1e3s", "+5s", "-5s", "5 s", "5S", "5sec", "5m", "1,5s", "1_0s", "1234567890s", "1.1234567s", "٥s", "5",
        "0x5s", "5ss", "NaNs", "infs",
    ])
    func anythingElseIsNoDuration(text: String) {
        if case .value(let duration) = DurationText.parse(text) { Issue.record("\(text) was read as \(duration)") }
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.seconds(90), "90s"), (.seconds(2_700), "45min"), (.seconds(7_200), "2h"), (.milliseconds(1_500), "1500ms"),
        (.microseconds(1), "1us"), (.nanoseconds(1_500), "1.5us"),
    ])
    func durationsAreDescribedInTheirLargestUnit(duration: Duration, expected: String) {
        #expect(duration.text == expected)
    }

    @Test(arguments: [
        ("1kbit", UInt64(1_000)), ("100Mbit", 100_000_000), ("10Gbit", 10_000_000_000), ("1.5Mbit", 1_500_000),
        ("1000Gbit", 1_000_000_000_000),
    ])
    func ratesAreInThousands(text: String, expected: UInt64) {
        guard case .value(let rate) = BitRateText.parse(text) else {
            Issue.record("\(text) is a rate")
            return
        }
        #expect(rate == expected)
    }

    @Test(arguments: ["", "100", "100M", "100MB", "100mbit", "100Mbps", "-1Mbit", "0kbit", "0.5kbit", "1001Gbit", "999999999Gbit", "1Tbit"])
    func anythingElseIsNoRate(text: String) {
        if case .value(let rate) = BitRateText.parse(text) { Issue.record("\(text) was read as \(rate)") }
    }

    @Test(arguments: [
        ("delay", "delay", 0), ("dealy", "delay", 1), ("dely", "delay", 1), ("", "delay", 5), ("Delay", "delay", 0), ("loss", "rate", 4),
    ])
    func editDistanceCountsSwappedLettersOnce(a: String, b: String, expected: Int) {
        #expect(editDistance(a, b) == expected)
        #expect(editDistance(b, a) == expected)
    }
}
