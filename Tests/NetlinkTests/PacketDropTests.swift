import Addressing
import Testing

@testable import PacketDrops

@Suite struct PacketDropTests {
    private static let ipv4: [UInt8] =
        [0x45, 0, 0, 92, 0, 0, 0x40, 0, 63] + [17, 0, 0] + [10, 20, 0, 1] + [10, 1, 0, 1] + [0xc5, 0x44, 0xc5, 0x45, 0, 72, 0, 0]
    private static let ethernet: [UInt8] = [2, 3, 0, 0, 0, 1, 2, 3, 0, 0, 0, 2]

    private static func ipv6(_ next: UInt8, _ payload: [UInt8]) throws -> [UInt8] {
        let addresses = try ["2001:db8::1", "2001:db8:1::2"].flatMap { try #require(IPAddress($0)).bytes }
        return [0x60, 0, 0, 0, 0, UInt8(payload.count), next, 64] + addresses + payload
    }

    @Test("A UDP packet, with and without its Ethernet header")
    func udp() throws {
        let expected = DroppedPacket(
            source: try #require(IPAddress("10.20.0.1")), destination: try #require(IPAddress("10.1.0.1")),
            content: .udp(source: 50_500, destination: 50_501))
        #expect(DroppedPacket(Self.ipv4[...]) == expected)
        #expect(DroppedPacket((Self.ethernet + [0x08, 0x00] + Self.ipv4)[...]) == expected)
        // As it lies in a longer message.
        #expect(DroppedPacket(([1, 2, 3] + Self.ipv4).dropFirst(3)) == expected)
    }

    @Test("Options come before what an IPv4 packet carries")
    func options() {
        var packet = Self.ipv4
        packet[0] = 0x46
        packet.insert(contentsOf: [1, 1, 1, 0], at: 20)
        #expect(DroppedPacket(packet[...])?.content == .udp(source: 50_500, destination: 50_501))
    }

    @Test("ESP over IPv6 is told by its SPI, other protocols by their numbers")
    func otherContents() throws {
        let frame = Self.ethernet + [0x86, 0xdd]
        #expect(DroppedPacket((frame + (try Self.ipv6(50, [0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1])))[...])?.content == .esp(0xdead_beef))
        #expect(DroppedPacket((try Self.ipv6(58, [135, 0]))[...])?.content == .other(58))
    }

    @Test("What is cut off or no IP packet is nothing, and never read past its end")
    func malformed() throws {
        let whole = Self.ethernet + [0x08, 0x00] + Self.ipv4
        for length in 0..<(whole.count - 4) { #expect(DroppedPacket(whole[..<length]) == nil, "\(length) bytes") }
        // A header length below the least.
        #expect(DroppedPacket(([0x44] + Self.ipv4.dropFirst())[...]) == nil)
        // ARP.
        #expect(DroppedPacket((Self.ethernet + [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1])[...]) == nil)
    }

    @Test(
        "The function of a symbol",
        arguments: [
            ("ip_rcv_core+0x1a5/0x3b0", "ip_rcv_core"), ("xfrm_input+0x6a/0x11f0 [xfrm]", "xfrm_input"), ("0xffffffff81a5b3c4", nil),
            ("00000000deadbeef", nil), ("", nil),
        ])
    func functions(symbol: String, function: String?) { #expect(PacketDrop.function(ofSymbol: symbol) == function) }
}
