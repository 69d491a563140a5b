/// An address with a prefix length: a network (`10.1.0.0/16`) or an interface's address in its network (`10.1.0.1/16`).
public struct IPPrefix: Hashable, Sendable {
    public let address: IPAddress
    /// 0 to 32 for IPv4, 0 to 128 for IPv6.
    public let length: Int

    /// nil when the length does not fit the address's family. The host bits are kept.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bitWidth).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// The prefix that holds exactly one address: /32 or /128.
    public init(host address: IPAddress) {
        self.address = address
        self.length = address.family.bitWidth
    }

    public var family: IPAddress.Family { address.family }

    private var hostMask: UInt128 {
        let hostBits = family.bitWidth - length
        return hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
    }

    /// The same prefix with its host bits cleared.
    public var network: IPPrefix { IPPrefix(unchecked: IPAddress(family: family, value: address.value & ~hostMask), length: length) }

    /// Whether no host bit is set, as a route or a selector needs it.
    public var isNetwork: Bool { address.value & hostMask == 0 }

    /// The network's last address.
    public var lastAddress: IPAddress { IPAddress(family: family, value: address.value | hostMask) }

    /// The network of the same length that lies `count` networks further; nil past the family's last one.
    public func network(after count: UInt128) -> IPPrefix? {
        let hostBits = UInt128(family.bitWidth - length)
        guard count > 0 else { return network }
        guard hostBits < 128, count <= UInt128.max >> hostBits, let start = network.address.advanced(by: count << hostBits) else {
            return nil
        }
        return IPPrefix(unchecked: start, length: length)
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.value & ~hostMask == address.value & ~hostMask
    }

    public func contains(_ other: IPPrefix) -> Bool { other.length >= length && contains(other.address) }

    public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

    /// The network's n-th address, counted from its first; nil when the network has fewer.
    public func host(_ n: UInt128) -> IPAddress? {
        n <= hostMask ? IPAddress(family: family, value: (address.value & ~hostMask) + n) : nil
    }

    /// The first address a host can have: the network's second, or its only or first one in a /31, /32, /127 or /128 (RFC 3021, RFC 6164).
    public var firstHost: IPAddress { hostMask <= 1 ? network.address : host(1)! }

    private init(unchecked address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }
}

extension IPPrefix: LosslessStringConvertible {
    /// `ADDRESS/LENGTH`; nil for anything else: a missing length, or one with a sign or leading zeros, among them.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            let length = Int(parts[1]), String(length) == parts[1]
        else { return nil }
        self.init(address, length: length)
    }

    public var description: String { "\(address)/\(length)" }
}

extension IPPrefix: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decodeText(from: decoder, as: "an address with a prefix length")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
