import Addressing
import Testing

@testable import Links

@Suite struct LinksAnnouncementTests {
    @Test func gratuitousARPIsARequestForTheSendersOwnAddress() throws {
        let announcement = AddressAnnouncement(try #require(IPAddress("203.0.113.1")), at: try #require(MACAddress("02:00:00:00:01:02")))
        #expect(
            announcement.frame == [
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // to all
                0x02, 0x00, 0x00, 0x00, 0x01, 0x02,  // from
                0x08, 0x06,  // ARP
                0x00, 0x01, 0x08, 0x00, 6, 4,  // Ethernet, IPv4
                0x00, 0x01,  // request
                0x02, 0x00, 0x00, 0x00, 0x01, 0x02, 203, 0, 113, 1,  // sender
                0, 0, 0, 0, 0, 0, 203, 0, 113, 1,  // target: the same address, Ethernet address unknown
            ])
    }

    @Test(arguments: [(false, UInt8(0x20), UInt16(0xf829)), (true, 0xa0, 0x7829)])
    func advertisementOverridesAndIsUnsolicited(isRouter: Bool, flags: UInt8, checksum: UInt16) throws {
        let announcement = AddressAnnouncement(
            try #require(IPAddress("2001:db8::1")), at: try #require(MACAddress("02:00:00:00:01:02")), isRouter: isRouter)
        let address: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        let allNodes: [UInt8] = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        var expected: [UInt8] = [0x33, 0x33, 0, 0, 0, 1, 0x02, 0, 0, 0, 0x01, 0x02, 0x86, 0xdd]
        expected += [0x60, 0, 0, 0, 0, 32, 58, 255]  // IPv6, 32 bytes of ICMPv6, hop limit 255
        expected += address + allNodes
        expected += [136, 0, UInt8(checksum >> 8), UInt8(checksum & 0xff), flags, 0, 0, 0]
        expected += address
        expected += [2, 1, 0x02, 0, 0, 0, 0x01, 0x02]  // target link-layer address
        #expect(announcement.frame == expected)
    }

    /// A receiver adds all words, the checksum among them, and gets all ones.
    @Test(arguments: ["fe80::1", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "::2"])
    func checksumHolds(text: String) throws {
        let address = try #require(IPAddress(text))
        let message = AddressAnnouncement(address, at: MACAddress(value: 0xfeff_ffff_ffff)).frame.dropFirst(54)
        let allNodes = try #require(IPAddress("ff02::1"))
        #expect(InternetChecksum.ofICMPv6(Array(message), from: address, to: allNodes) == 0)
    }
}
