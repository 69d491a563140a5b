import Addressing
import Testing

@Suite struct IPPrefixTests {
    @Test(arguments: ["0.0.0.0/0", "10.1.0.0/16", "10.1.0.1/16", "192.0.2.1/32", "::/0", "2001:db8::/48", "2001:db8::1/128"])
    func textIsReadAndWritten(text: String) throws {
        #expect(try #require(IPPrefix(text)).description == text)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/ 8",
        "::/129", "10.0.0.0/99999999999999999999", "10.0.0/8",
    ])
    func anythingElseIsNoPrefix(text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test(arguments: [
        ("10.1.2.3/16", "10.1.0.0/16", false), ("10.1.0.0/16", "10.1.0.0/16", true), ("192.0.2.1/32", "192.0.2.1/32", true),
        ("1.2.3.4/0", "0.0.0.0/0", false), ("2001:db8::1/64", "2001:db8::/64", false), ("::1/0", "::/0", false),
    ])
    func networkClearsTheHostBits(text: String, network: String, isNetwork: Bool) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.network.description == network)
        #expect(prefix.isNetwork == isNetwork)
    }

    @Test(arguments: [
        ("10.1.0.0/16", "10.1.0.1", "10.1.255.255"), ("10.1.0.8/29", "10.1.0.9", "10.1.0.15"),
        ("10.1.0.4/31", "10.1.0.4", "10.1.0.5"), ("10.1.0.5/32", "10.1.0.5", "10.1.0.5"),
        ("2001:db8::/64", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"), ("2001:db8::2/127", "2001:db8::2", "2001:db8::3"),
        ("2001:db8::7/128", "2001:db8::7", "2001:db8::7"), ("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func firstHostAndLastAddress(text: String, first: String, last: String) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.firstHost.description == first)
        #expect(prefix.lastAddress.description == last)
    }

    @Test func hostsEndWithTheNetwork() throws {
        let prefix = try #require(IPPrefix("10.1.0.9/29"))
        #expect(prefix.host(0)?.description == "10.1.0.8")
        #expect(prefix.host(7)?.description == "10.1.0.15")
        #expect(prefix.host(8) == nil)
        #expect(try #require(IPPrefix("::/0")).host(.max)?.value == .max)
    }

    @Test(arguments: [
        ("10.1.0.0/24", 1, "10.1.1.0/24"), ("10.1.0.0/24", 0, "10.1.0.0/24"), ("10.1.0.0/16", 200, "10.201.0.0/16"),
        ("255.255.255.0/24", 1, nil), ("0.0.0.0/0", 1, nil), ("::/0", 1, nil), ("2001:db8::/48", 2, "2001:db8:2::/48"),
        ("2001:db8::ff/128", 1, "2001:db8::100/128"), ("ffff::/16", 1, nil),
    ])
    func networksAreCountedByTheirSize(text: String, count: Int, expected: String?) throws {
        #expect(try #require(IPPrefix(text)).network(after: UInt128(count))?.description == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", true), ("10.1.0.0/16", "10.1.0.0/16", true),
        ("10.1.0.0/16", "10.2.0.0/16", false), ("0.0.0.0/0", "::/0", false), ("::/0", "2001:db8::/32", true),
        ("10.0.0.0/9", "10.128.0.0/9", false),
    ])
    func overlapWorksBothWays(a: String, b: String, expected: Bool) throws {
        let (a, b) = (try #require(IPPrefix(a)), try #require(IPPrefix(b)))
        #expect(a.overlaps(b) == expected)
        #expect(b.overlaps(a) == expected)
    }

    @Test func containmentNeedsTheFamilyAndTheBits() throws {
        let prefix = try #require(IPPrefix("10.1.0.0/16"))
        #expect(prefix.contains(try #require(IPAddress("10.1.255.255"))))
        #expect(!prefix.contains(try #require(IPAddress("10.2.0.0"))))
        #expect(!prefix.contains(try #require(IPAddress("::10.1.0.1"))))
        #expect(!prefix.contains(try #require(IPPrefix("10.0.0.0/8"))))
    }

    @Test func theLengthMustFitTheFamily() throws {
        let address = try #require(IPAddress("192.0.2.1"))
        #expect(IPPrefix(address, length: 33) == nil)
        #expect(IPPrefix(address, length: -1) == nil)
        #expect(IPPrefix(host: address).length == 32)
    }
}
