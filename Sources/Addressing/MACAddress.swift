/// An Ethernet address (EUI-48).
public struct MACAddress: Hashable, Sendable {
    /// The address in the low 48 bits.
    public let value: UInt64

    public init(value: UInt64) { self.value = value & 0xffff_ffff_ffff }

    /// The `index`-th address of a block of locally administered unicast addresses (IEEE 802, second-lowest bit of the first byte).
    public static func local(block: UInt8, index: UInt32) -> MACAddress {
        MACAddress(value: 0x02 << 40 | UInt64(block) << 32 | UInt64(index))
    }

    /// The six bytes in transmission order.
    public var bytes: [UInt8] { stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) } }

    /// The IPv6 link-local address that the kernel derives from this address (modified EUI-64, RFC 4291 appendix A).
    public var linkLocalAddress: IPAddress {
        let flipped = value ^ 0x0200_0000_0000
        let identifier = (flipped >> 24) << 40 | 0xff_fe00_0000 | (flipped & 0xff_ffff)
        return IPAddress(family: .v6, value: UInt128(0xfe80) << 112 | UInt128(identifier))
    }
}

extension MACAddress: LosslessStringConvertible {
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) ? UInt8($0, radix: 16) : nil }
        guard parts.count == 6, bytes.count == 6 else { return nil }
        self.init(value: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

extension MACAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "an Ethernet address")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
