import Foundation
import Report
import Testing

@Suite struct DecimalTimeTests {
    static let values: [(Int64, String)] = [
        (0, "0"), (1, "0.000000001"), (-1, "-0.000000001"), (100_000_000, "0.1"), (300_000_000, "0.3"), (12_345_678_901, "12.345678901"),
        (-1_500_000_000, "-1.5"), (60_000_000_000, "60"), (9_007_199_254_740_993, "9007199.254740993"),
        (Int64.max, "9223372036.854775807"),
    ]

    @Test("Seconds are exact decimals in JSON, both ways", arguments: values)
    func json(nanoseconds: Int64, text: String) throws {
        let encoded = try JSONEncoder().encode([Seconds(nanoseconds: nanoseconds)])
        #expect(String(decoding: encoded, as: UTF8.self) == "[\(text)]")
        #expect(try JSONDecoder().decode([Seconds].self, from: encoded) == [Seconds(nanoseconds: nanoseconds)])
        #expect(Seconds(nanoseconds: nanoseconds).shortText == text)
    }

    @Test("Milliseconds are exact decimals in JSON", arguments: [(Int64(1), "0.000001"), (30_100_000, "30.1"), (11_800_000_000, "11800")])
    func milliseconds(nanoseconds: Int64, text: String) throws {
        #expect(String(decoding: try JSONEncoder().encode([Milliseconds(nanoseconds: nanoseconds)]), as: UTF8.self) == "[\(text)]")
    }

    @Test("A fraction of a nanosecond and an overflow are refused", arguments: ["0.0000000001", "1e30", "\"1\""])
    func refused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Seconds].self, from: Data("[\(text)]".utf8)) }
    }

    @Test(
        "Rounded text",
        arguments: [
            (Int64(1_250_000_000), 1, "1.3"), (1_249_999_999, 1, "1.2"), (-1_250_000_000, 1, "-1.3"), (-40_000_000, 1, "0.0"),
            (999_999_999, 0, "1"),
            (31_200_000_000, 3, "31.200"), (5, 9, "0.000000005"), (1_005_000_000, 2, "1.01"),
        ])
    func rounded(nanoseconds: Int64, decimals: Int, text: String) {
        #expect(Seconds(nanoseconds: nanoseconds).text(decimals: decimals) == text)
    }

    @Test("Durations are taken to the nanosecond")
    func duration() {
        #expect(Seconds(.milliseconds(1100)).nanoseconds == 1_100_000_000)
        #expect(Seconds(Duration(secondsComponent: -1, attosecondsComponent: -500_000_000_000_000_000)).nanoseconds == -1_500_000_000)
    }
}
