import Addressing

/// A range of addresses, ports and protocols (RFC 7296 §3.13.1).
public struct TrafficSelector: Sendable, Hashable {
    /// The IP protocol; 0 for any.
    public var ipProtocol: UInt8
    public var ports: ClosedRange<UInt16>
    /// The first and last address, of one family.
    public let first: IPAddress
    public let last: IPAddress

    /// nil when the addresses are of two families or in the wrong order.
    public init?(ipProtocol: UInt8 = 0, ports: ClosedRange<UInt16> = 0...UInt16.max, first: IPAddress, last: IPAddress) {
        guard first.family == last.family, first <= last else { return nil }
        self.ipProtocol = ipProtocol
        self.ports = ports
        self.first = first
        self.last = last
    }

    /// All of a prefix's traffic.
    public init(_ prefix: IPPrefix) {
        ipProtocol = 0
        ports = 0...UInt16.max
        first = prefix.network.address
        let hostBits = UInt128(prefix.family.bitWidth - prefix.length)
        last = IPAddress(family: prefix.family, value: first.value | (hostBits == 128 ? .max : (1 << hostBits) - 1))
    }
}

extension TrafficSelector {
    private static let headerSize = 8
    /// TS_IPV4_ADDR_RANGE, TS_IPV6_ADDR_RANGE.
    private static let ipv4Range: UInt8 = 7
    private static let ipv6Range: UInt8 = 8

    static func decodeList(_ reader: inout ByteReader, in type: PayloadType) throws(IKEDecodingError) -> [TrafficSelector] {
        let count = Int(try reader.integer(UInt8.self, of: .payload(type)))
        _ = try reader.bytes(3, of: .payload(type))  // reserved
        guard count > 0 else { throw .invalidField(.payload(type), "number of traffic selectors") }
        var selectors: [TrafficSelector] = []
        for _ in 0..<count { selectors.append(try decode(&reader)) }
        return selectors
    }

    private static func decode(_ reader: inout ByteReader) throws(IKEDecodingError) -> TrafficSelector {
        var structure = try reader.structure(lengthOffset: 2, headerSize: headerSize, of: .trafficSelector)
        let range = try structure.integer(UInt8.self, of: .trafficSelector)
        guard range == ipv4Range || range == ipv6Range else { throw .invalidField(.trafficSelector, "type") }
        let ipProtocol = try structure.integer(UInt8.self, of: .trafficSelector)
        _ = try structure.bytes(2, of: .trafficSelector)  // length
        let firstPort = try structure.integer(UInt16.self, of: .trafficSelector)
        let lastPort = try structure.integer(UInt16.self, of: .trafficSelector)
        let addressSize = range == ipv4Range ? 4 : 16
        let first = IPAddress(bytes: try structure.bytes(addressSize, of: .trafficSelector))
        let last = IPAddress(bytes: try structure.bytes(addressSize, of: .trafficSelector))
        try structure.end(of: .trafficSelector)
        guard firstPort <= lastPort, let first, let last,
            let selector = TrafficSelector(ipProtocol: ipProtocol, ports: firstPort...lastPort, first: first, last: last)
        else { throw .invalidField(.trafficSelector, "range") }
        return selector
    }

    static func encode(_ selectors: [TrafficSelector], in type: PayloadType) throws(IKEEncodingError) -> [UInt8] {
        guard let count = UInt8(exactly: selectors.count) else { throw .tooManyItems(.payload(type), selectors.count) }
        return [count, 0, 0, 0] + selectors.flatMap(\.encoded)
    }

    private var encoded: [UInt8] {
        let addresses = first.bytes + last.bytes
        return [first.family == .v4 ? Self.ipv4Range : Self.ipv6Range, ipProtocol]
            + UInt16(Self.headerSize + addresses.count).bigEndianBytes
            + ports.lowerBound.bigEndianBytes + ports.upperBound.bigEndianBytes + addresses
    }
}
