import Addressing
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("198.51.100.10", "198.51.100.10"), ("255.255.255.255", "255.255.255.255"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"),
        // RFC 5952 §4.2: a single zero group is kept, of two equal runs the first is shortened.
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ])
    func textIsReadAndWrittenInItsShortestForm(text: String, expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(address.description) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1.2.3.4\0", "0x1.2.3.4", ":::", "1::2::3", "fe80::1%eth0",
        "12345::", "1:2:3:4:5:6:7:8:9", "１.2.3.4",
    ])
    func anythingElseIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func bytesAreInNetworkOrder() throws {
        let v4 = try #require(IPAddress(bytes: [198, 51, 100, 10]))
        #expect(v4.description == "198.51.100.10")
        #expect(v4.bytes == [198, 51, 100, 10])
        let v6 = try #require(IPAddress("2001:db8::a"))
        #expect(v6.bytes == [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a])
        #expect(IPAddress(bytes: v6.bytes) == v6)
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 15)) == nil)
    }

    @Test func anIPv4ValueIsCutToItsWidth() {
        #expect(IPAddress(family: .v4, value: 0x1_0000_0001).value == 1)
    }

    @Test(arguments: [
        ("192.0.2.255", 1, "192.0.3.0"), ("192.0.2.1", 0, "192.0.2.1"), ("255.255.255.255", 1, nil),
        ("2001:db8::ffff", 1, "2001:db8::1:0"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, nil),
    ])
    func advancingStopsAtTheLastAddress(text: String, distance: Int, expected: String?) throws {
        #expect(try #require(IPAddress(text)).advanced(by: UInt128(distance))?.description == expected)
    }

    @Test func theFamilyOrdersBeforeTheNumber() throws {
        let addresses = try ["::1", "10.0.0.2", "9.255.0.1"].map { try #require(IPAddress($0)) }
        #expect(addresses.sorted().map(\.description) == ["9.255.0.1", "10.0.0.2", "::1"])
    }

    @Test(arguments: [
        ("0.0.0.0", [true, false, false, false]), ("224.0.0.1", [false, true, false, false]),
        ("239.255.255.255", [false, true, false, false]),
        ("240.0.0.1", [false, false, false, false]), ("127.0.0.1", [false, false, true, false]),
        ("169.254.1.1", [false, false, false, true]),
        ("::", [true, false, false, false]), ("ff02::1", [false, true, false, false]), ("::1", [false, false, true, false]),
        ("fe80::1", [false, false, false, true]), ("febf::1", [false, false, false, true]), ("fec0::1", [false, false, false, false]),
        ("192.0.2.1", [false, false, false, false]),
    ])
    func specialRangesAreKnown(text: String, expected: [Bool]) throws {
        let address = try #require(IPAddress(text))
        #expect([address.isUnspecified, address.isMulticast, address.isLoopback, address.isLinkLocal] == expected)
    }
}
