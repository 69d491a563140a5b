import AgentProtocol
import Testing

@testable import Capture

/// Files byte by byte, as draft-ietf-opsawg-pcapng has them.
@Suite struct PcapngWriterTests {
    private static let wan = CapturedPackets.Interface(index: 7, name: "wan", hardwareType: 1)
    private static let lo = CapturedPackets.Interface(index: 1, name: "lo", hardwareType: 772)

    private func writer() -> PcapngWriter { PcapngWriter(node: "tokyo", snapLength: 128, application: "resetlab") }

    private func packet(_ interface: Int32, _ bytes: [UInt8], length: Int? = nil, isOutgoing: Bool = false) -> CapturedPackets.Packet {
        .init(
            interface: interface, at: 0x1122_3344_5566_7788, length: length ?? bytes.count, isOutgoing: isOutgoing,
            bytes: Base64Bytes(bytes))
    }

    @Test func sectionHeader() {
        #expect(
            writer().begin() == [
                0x0A, 0x0D, 0x0D, 0x0A,  // block type
                44, 0, 0, 0,  // total length
                0x4D, 0x3C, 0x2B, 0x1A,  // byte-order magic
                1, 0, 0, 0,  // version 1.0
                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  // section length: unknown
                4, 0, 8, 0,  // shb_userappl, 8 bytes
                0x72, 0x65, 0x73, 0x65, 0x74, 0x6C, 0x61, 0x62,  // "resetlab"
                0, 0, 0, 0,  // opt_endofopt
                44, 0, 0, 0,
            ])
    }

    @Test func interfaceAndPacket() {
        var writer = writer()
        let bytes = writer.blocks(
            CapturedPackets(interfaces: [Self.wan], packets: [packet(7, [1, 2, 3, 4, 5], length: 99)], dropped: 0))
        #expect(
            bytes == [
                1, 0, 0, 0,  // Interface Description Block
                56, 0, 0, 0,
                1, 0,  // LINKTYPE_ETHERNET
                0, 0,  // reserved
                128, 0, 0, 0,  // snap length
                2, 0, 3, 0, 0x77, 0x61, 0x6E, 0,  // if_name "wan"
                3, 0, 9, 0, 0x74, 0x6F, 0x6B, 0x79, 0x6F, 0x3A, 0x77, 0x61, 0x6E, 0, 0, 0,  // if_description "tokyo:wan"
                9, 0, 1, 0, 9, 0, 0, 0,  // if_tsresol 10^-9
                0, 0, 0, 0,  // opt_endofopt
                56, 0, 0, 0,

                6, 0, 0, 0,  // Enhanced Packet Block
                52, 0, 0, 0,
                0, 0, 0, 0,  // interface 0
                0x44, 0x33, 0x22, 0x11,  // time, upper half
                0x88, 0x77, 0x66, 0x55,  // time, lower half
                5, 0, 0, 0,  // captured length
                99, 0, 0, 0,  // original length
                1, 2, 3, 4, 5, 0, 0, 0,  // padded
                2, 0, 4, 0, 1, 0, 0, 0,  // epb_flags: inbound
                0, 0, 0, 0,  // opt_endofopt
                52, 0, 0, 0,
            ])
        #expect(writer.packetCount == 1)
    }

    /// Each interface is described once, before its first packet; numbers are the section's, not the kernel's.
    @Test func interfacesAreNumberedInTheirOrder() {
        var writer = writer()
        _ = writer.blocks(CapturedPackets(interfaces: [Self.wan, Self.lo], packets: [], dropped: 0))
        let bytes = writer.blocks(CapturedPackets(interfaces: [Self.lo], packets: [packet(1, [9], isOutgoing: true)], dropped: 0))
        #expect(Array(bytes.prefix(12)) == [6, 0, 0, 0, 48, 0, 0, 0, 1, 0, 0, 0])
        // epb_flags: outbound.
        #expect(Array(bytes.suffix(16).prefix(8)) == [2, 0, 4, 0, 2, 0, 0, 0])
    }

    @Test func aPacketOfAnInterfaceNobodyToldOf() {
        var writer = writer()
        let bytes = writer.blocks(CapturedPackets(interfaces: [], packets: [packet(12, [1])], dropped: 0))
        #expect(Array(bytes.prefix(4)) == [1, 0, 0, 0])
        #expect(bytes.firstRange(of: [2, 0, 2, 0, 0x31, 0x32]) != nil)
    }

    @Test func statisticsOfTheOnlyInterface() {
        var writer = writer()
        _ = writer.blocks(CapturedPackets(interfaces: [Self.wan], packets: [packet(7, [1]), packet(7, [2])], dropped: 3))
        #expect(
            writer.end(at: 0x0000_0001_0000_0002) == [
                5, 0, 0, 0,  // Interface Statistics Block
                52, 0, 0, 0,
                0, 0, 0, 0,  // interface 0
                1, 0, 0, 0, 2, 0, 0, 0,  // time
                7, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0,  // isb_osdrop
                8, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0,  // isb_usrdeliv
                0, 0, 0, 0,  // opt_endofopt
                52, 0, 0, 0,
            ])
        #expect(writer.dropped == 3)
    }

    /// Which interface they came by is not known.
    @Test func dropsOfSeveralInterfacesAreAComment() {
        var writer = writer()
        _ = writer.blocks(CapturedPackets(interfaces: [Self.wan, Self.lo], packets: [packet(1, [1])], dropped: 3))
        let bytes = writer.end(at: 1)
        let comment = Array("3 packets of all interfaces together were dropped".utf8)
        #expect(bytes.firstRange(of: [1, 0, UInt8(comment.count), 0] + comment) != nil)
        #expect(bytes.firstRange(of: [7, 0, 8, 0]) == nil)
    }

    @Test(arguments: [(1, 1), (772, 1), (0xFFFE, 101), (768, 101), (776, 101), (801, 147)] as [(UInt16, UInt8)])
    func linkTypes(hardware: UInt16, linkType: UInt8) {
        var writer = writer()
        let bytes = writer.blocks(
            CapturedPackets(interfaces: [.init(index: 1, name: "x", hardwareType: hardware)], packets: [], dropped: 0))
        #expect(Array(bytes[8..<10]) == [linkType, 0])
    }

    /// Both lengths of every block agree, whatever the packet's length is.
    @Test func blocksEndOnFourBytes() {
        for count in 0..<9 {
            var writer = writer()
            let bytes =
                writer.begin()
                + writer.blocks(
                    CapturedPackets(interfaces: [Self.wan], packets: [packet(7, [UInt8](repeating: 1, count: count))], dropped: 0))
                + writer.end(at: 0)
            var at = 0
            var types: [UInt8] = []
            while at < bytes.count {
                let length = Int(bytes[at + 4]) | Int(bytes[at + 5]) << 8
                #expect(length % 4 == 0 && bytes[at + length - 4] == bytes[at + 4])
                types.append(bytes[at])
                at += length
            }
            #expect(types == [0x0A, 1, 6, 5])
        }
    }
}
