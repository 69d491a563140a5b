import AgentProtocol

/// Captured packets as a file that Wireshark and tcpdump read: pcapng (draft-ietf-opsawg-pcapng), little-endian, one section.
///
/// Pure: it makes the bytes, whoever has the file writes them. In this order: `begin`, `blocks` any number of times, `end`.
public struct PcapngWriter {
    private let node: String
    private let snapLength: Int
    private let application: String
    /// The section's interfaces in their order, which their numbers in it are.
    private var interfaces: [CapturedPackets.Interface] = []
    /// By the kernel's index.
    private var numbers: [Int32: Int] = [:]
    /// By number in the section.
    private var counts: [UInt64] = []

    /// So far.
    public var packetCount: UInt64 { counts.reduce(0, +) }
    /// How many packets the kernel had to drop for want of room, of all interfaces together.
    public private(set) var dropped: UInt64 = 0

    /// - Parameters:
    ///   - node: whose interfaces they are.
    ///   - application: what the file says that it was written by.
    public init(node: String, snapLength: Int, application: String) {
        self.node = node
        self.snapLength = snapLength
        self.application = application
    }

    /// The Section Header Block (§4.1).
    public func begin() -> [UInt8] {
        block(0x0A0D_0D0A) { body in
            body.append(UInt32(0x1A2B_3C4D))  // byte-order magic
            body.append(UInt16(1))  // version 1.0
            body.append(UInt16(0))
            body.append(UInt64.max)  // the section's length: not known beforehand
            body.append(option: 4, Array(application.utf8))  // shb_userappl
            body.endOptions()
        }
    }

    /// Interface Description Blocks of interfaces that are new, and an Enhanced Packet Block for each packet.
    public mutating func blocks(_ captured: CapturedPackets) -> [UInt8] {
        dropped = captured.dropped
        var bytes: [UInt8] = []
        for interface in captured.interfaces where numbers[interface.index] == nil { bytes += describe(interface) }
        for packet in captured.packets {
            if numbers[packet.interface] == nil {
                bytes += describe(.init(index: packet.interface, name: "\(packet.interface)", hardwareType: 1))
            }
            let number = numbers[packet.interface] ?? 0
            counts[number] += 1
            bytes += block(packet, number: number)
        }
        return bytes
    }

    /// An Interface Statistics Block (§4.6) for each interface.
    ///
    /// - Parameter at: nanoseconds since 1970.
    public func end(at: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in interfaces.indices {
            bytes += block(5) { body in
                body.append(UInt32(number))
                body.append(time: at)
                // The kernel counts drops of the whole capture. A count that belongs to no single interface is told in words.
                if interfaces.count > 1, number == 0, dropped > 0 {
                    body.append(option: 1, Array("\(dropped) packets of all interfaces together were dropped".utf8))  // opt_comment
                }
                if interfaces.count == 1 { body.append(option: 7, dropped.littleEndianBytes) }  // isb_osdrop
                body.append(option: 8, counts[number].littleEndianBytes)  // isb_usrdeliv
                body.endOptions()
            }
        }
        return bytes
    }

    /// An Interface Description Block (§4.2).
    private mutating func describe(_ interface: CapturedPackets.Interface) -> [UInt8] {
        numbers[interface.index] = interfaces.count
        interfaces.append(interface)
        counts.append(0)
        return block(1) { body in
            body.append(LinkType.of(hardware: interface.hardwareType))
            body.append(UInt16(0))
            body.append(UInt32(clamping: snapLength))
            body.append(option: 2, Array(interface.name.utf8))  // if_name
            body.append(option: 3, Array("\(node):\(interface.name)".utf8))  // if_description
            body.append(option: 9, [9])  // if_tsresol: 10^-9 s
            body.endOptions()
        }
    }

    /// An Enhanced Packet Block (§4.3).
    private func block(_ packet: CapturedPackets.Packet, number: Int) -> [UInt8] {
        block(6) { body in
            body.append(UInt32(number))
            body.append(time: packet.at)
            body.append(UInt32(packet.bytes.bytes.count))
            body.append(UInt32(clamping: packet.length))
            body.append(padded: packet.bytes.bytes)
            // epb_flags (§4.3.1): bits 0 and 1 are the direction, 01 inbound and 10 outbound.
            body.append(option: 2, UInt32(packet.isOutgoing ? 2 : 1).littleEndianBytes)
            body.endOptions()
        }
    }

    /// Type, length, body, length again (§3.1).
    private func block(_ type: UInt32, _ fill: (inout PcapngBody) -> Void) -> [UInt8] {
        var body = PcapngBody()
        fill(&body)
        let length = UInt32(body.bytes.count + 12).littleEndianBytes
        return type.littleEndianBytes + length + body.bytes + length
    }

    /// What a frame begins with (draft-ietf-opsawg-pcaplinktype).
    private enum LinkType {
        static func of(hardware: UInt16) -> UInt16 {
            switch hardware {
            // ARPHRD_ETHER and ARPHRD_LOOPBACK, whose frames have an Ethernet header too: LINKTYPE_ETHERNET.
            case 1, 772: 1
            // ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT, ARPHRD_NONE, which begin with the IP header: LINKTYPE_RAW.
            case 768, 769, 776, 0xFFFE: 101
            // Nothing that a lab has: LINKTYPE_USER0.
            default: 147
            }
        }
    }
}

/// A block's inside.
private struct PcapngBody {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) { bytes += value.littleEndianBytes }

    /// In the unit that the interface's if_tsresol says: its upper half first.
    mutating func append(time: Int64) {
        append(UInt32(truncatingIfNeeded: time >> 32))
        append(UInt32(truncatingIfNeeded: time))
    }

    mutating func append(padded value: [UInt8]) {
        bytes += value
        bytes += repeatElement(0, count: (4 - value.count % 4) % 4)
    }

    /// Code, length without the padding, value (§3.5).
    mutating func append(option: UInt16, _ value: [UInt8]) {
        let value = Array(value.prefix(Int(UInt16.max)))
        append(option)
        append(UInt16(value.count))
        append(padded: value)
    }

    mutating func endOptions() { append(UInt32(0)) }
}

extension FixedWidthInteger {
    fileprivate var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
