import Addressing
import Foundation
import Testing

@Suite struct CodingTests {
    private struct Everything: Codable, Equatable {
        var address: IPAddress
        var prefix: IPPrefix
        var mac: MACAddress
    }

    @Test func addressesTravelAsText() throws {
        let value = Everything(
            address: try #require(IPAddress("2001:db8::1")), prefix: try #require(IPPrefix("10.1.0.0/16")), mac: .local(block: 1, index: 2))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        #expect(String(decoding: data, as: UTF8.self) == #"{"address":"2001:db8::1","mac":"02:01:00:00:00:02","prefix":"10.1.0.0/16"}"#)
        #expect(try JSONDecoder().decode(Everything.self, from: data) == value)
    }

    @Test func textThatIsNoAddressIsRefused() {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([IPAddress].self, from: Data(#"["10.0.0"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([IPPrefix].self, from: Data(#"["10.0.0.0"]"#.utf8)) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([MACAddress].self, from: Data(#"["02"]"#.utf8)) }
    }
}
