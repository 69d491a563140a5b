import Addressing

/// What can be told of a packet from its first bytes: who sent it to whom, and what it carried.
public struct DroppedPacket: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// RFC 4303; the SPI.
        case esp(UInt32)
        /// Ports, and where its payload begins.
        case udp(source: UInt16, destination: UInt16)
        /// The number of another protocol.
        case other(UInt8)
    }

    public var source: IPAddress
    public var destination: IPAddress
    public var content: Content

    public init(source: IPAddress, destination: IPAddress, content: Content) {
        self.source = source
        self.destination = destination
        self.content = content
    }

    /// - Parameter bytes: an Ethernet frame, or an IP packet: the kernel hands over what it has.
    /// - Returns: nil for anything but IP, and for what is cut off before its protocol begins.
    public init?(_ bytes: ArraySlice<UInt8>) {
        let frame = Bytes(bytes)
        if let type = frame.number(at: 12, as: UInt16.self), type == 0x0800 || type == 0x86dd,
            let packet = Self(packet: frame.dropping(14), version: type == 0x0800 ? 4 : 6)
        {
            self = packet
        } else if let packet = Self(packet: frame, version: bytes.first.map { $0 >> 4 } ?? 0) {
            self = packet
        } else {
            return nil
        }
    }

    private init?(packet: Bytes, version: UInt8) {
        guard let first = packet.number(at: 0, as: UInt8.self), first >> 4 == version else { return nil }
        let (headerLength, protocolOffset, addresses, width) = version == 4 ? (Int(first & 0xf) * 4, 9, 12, 4) : (40, 6, 8, 16)
        guard version == 4 || version == 6, headerLength >= 20,
            let number = packet.number(at: protocolOffset, as: UInt8.self),
            let source = packet.bytes(addresses, width).flatMap(IPAddress.init(bytes:)),
            let destination = packet.bytes(addresses + width, width).flatMap(IPAddress.init(bytes:)),
            let content = Self.content(number, packet.dropping(headerLength))
        else { return nil }
        self.init(source: source, destination: destination, content: content)
    }

    private static func content(_ number: UInt8, _ payload: Bytes) -> Content? {
        switch number {
        case 50: payload.number(at: 0, as: UInt32.self).map(Content.esp)
        case 17:
            if let source = payload.number(at: 0, as: UInt16.self), let destination = payload.number(at: 2, as: UInt16.self) {
                .udp(source: source, destination: destination)
            } else {
                nil
            }
        default: .other(number)
        }
    }
}

/// Bytes in network order, of which there may be too few.
private struct Bytes {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    func dropping(_ count: Int) -> Bytes { Bytes(bytes.dropFirst(count)) }

    func bytes(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.count >= offset + count else { return nil }
        return bytes.dropFirst(offset).prefix(count)
    }

    func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number? {
        bytes(offset, MemoryLayout<Number>.size)?.reduce(0) { $0 << 8 | Number($1) }
    }
}
