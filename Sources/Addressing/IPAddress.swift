import Glibc

/// An IPv4 or IPv6 address as one value type.
///
/// Textual form: RFC 4632 dotted quad, RFC 5952 for IPv6. Ordered by family, then numerically.
public struct IPAddress: Hashable, Sendable {
    public enum Family: Hashable, Comparable, Sendable {
        case v4
        case v6

        /// The number of bits of an address of this family.
        public var bitWidth: Int { self == .v4 ? 32 : 128 }
    }

    public let family: Family
    /// The address as a number; an IPv4 address takes the low 32 bits.
    public let value: UInt128

    /// - Parameter value: truncated to the family's width.
    public init(family: Family, value: UInt128) {
        self.family = family
        self.value = family == .v4 ? value & 0xffff_ffff : value
    }

    /// An address from its bytes in network order: 4 for IPv4, 16 for IPv6, nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(family: bytes.count == 4 ? .v4 : .v6, value: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// The bytes in network order: 4 for IPv4, 16 for IPv6.
    public var bytes: [UInt8] {
        stride(from: family.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt128($0)) }
    }

    /// The address `distance` further; nil past the family's last one.
    public func advanced(by distance: UInt128) -> IPAddress? {
        let (sum, overflow) = value.addingReportingOverflow(distance)
        guard !overflow, family == .v6 || sum <= 0xffff_ffff else { return nil }
        return IPAddress(family: family, value: sum)
    }

    public var isUnspecified: Bool { value == 0 }
    public var isMulticast: Bool { family == .v4 ? value >> 28 == 0xe : value >> 120 == 0xff }
    public var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }
    /// IPv6 `fe80::/10` (RFC 4291 §2.5.6) or IPv4 `169.254.0.0/16` (RFC 3927).
    public var isLinkLocal: Bool { family == .v4 ? value >> 16 == 0xa9fe : value >> 118 == 0xfe80 >> 6 }
}

extension IPAddress: LosslessStringConvertible {
    public init?(_ description: String) {
        guard !description.utf8.contains(0) else { return nil }
        var storage = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, description, &storage) == 1 {
            self.init(bytes: storage.prefix(4))
        } else if inet_pton(AF_INET6, description, &storage) == 1 {
            self.init(bytes: storage)
        } else {
            return nil
        }
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let source = bytes
        guard inet_ntop(family == .v4 ? AF_INET : AF_INET6, source, &text, socklen_t(text.count)) != nil else {
            preconditionFailure("inet_ntop fails only for a wrong family or a short buffer")
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension IPAddress: Comparable {
    public static func < (lhs: IPAddress, rhs: IPAddress) -> Bool {
        (lhs.family, lhs.value) < (rhs.family, rhs.value)
    }
}

extension IPAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "an IP address")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

func decodeText<Value: LosslessStringConvertible>(from decoder: any Decoder, as what: String) throws -> Value {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Value(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not \(what)")
    }
    return value
}
