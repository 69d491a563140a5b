/// A set of algorithms offered or chosen (RFC 7296 §3.3.1): here one transform of each type, as a policy names one algorithm each.
public struct Proposal: Sendable, Hashable {
    /// RFC 7296 §3.3.1, protocol identifiers.
    public enum SecurityProtocol: UInt8, Sendable, Hashable {
        case ike = 1
        case ah = 2
        case esp = 3
    }

    /// From 1; the choice repeats the number of the offer.
    public var number: UInt8
    public var securityProtocol: SecurityProtocol
    /// The sender's inbound SPI: 4 bytes for ESP, none for the first IKE SA.
    public var spi: [UInt8]
    public var transforms: [Transform]

    public init(number: UInt8, securityProtocol: SecurityProtocol, spi: [UInt8] = [], transforms: [Transform]) {
        self.number = number
        self.securityProtocol = securityProtocol
        self.spi = spi
        self.transforms = transforms
    }
}

/// One algorithm (RFC 7296 §3.3.2).
public struct Transform: Sendable, Hashable {
    /// RFC 7296 §3.3.2, transform types.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let encryption = Kind(rawValue: 1)
        public static let pseudoRandomFunction = Kind(rawValue: 2)
        public static let integrity = Kind(rawValue: 3)
        public static let diffieHellmanGroup = Kind(rawValue: 4)
        public static let extendedSequenceNumbers = Kind(rawValue: 5)
    }

    public var kind: Kind
    /// The algorithm's number in the kind's own registry (IANA, "Internet Key Exchange Version 2 Parameters").
    public var identifier: UInt16
    /// In bits, for ciphers with keys of several lengths.
    public var keyLength: UInt16?

    public init(_ kind: Kind, _ identifier: UInt16, keyLength: UInt16? = nil) {
        self.kind = kind
        self.identifier = identifier
        self.keyLength = keyLength
    }
}

extension Proposal {
    private static let headerSize = 8

    static func decodeList(_ reader: inout ByteReader) throws(IKEDecodingError) -> [Proposal] {
        var proposals: [Proposal] = []
        var isLast = false
        while !isLast {
            var structure = try reader.structure(lengthOffset: 2, headerSize: headerSize, of: .proposal)
            isLast = try structure.isLast(moreIs: 2, of: .proposal)
            _ = try structure.bytes(3, of: .proposal)  // reserved, length
            let number = try structure.integer(UInt8.self, of: .proposal)
            guard let securityProtocol = SecurityProtocol(rawValue: try structure.integer(UInt8.self, of: .proposal)) else {
                throw .invalidField(.proposal, "protocol")
            }
            let spiSize = Int(try structure.integer(UInt8.self, of: .proposal))
            let transformCount = Int(try structure.integer(UInt8.self, of: .proposal))
            let spi = Array(try structure.bytes(spiSize, of: .proposal))
            let transforms = try Transform.decodeList(&structure, count: transformCount)
            try structure.end(of: .proposal)
            proposals.append(Proposal(number: number, securityProtocol: securityProtocol, spi: spi, transforms: transforms))
        }
        return proposals
    }

    static func encode(_ proposals: [Proposal]) throws(IKEEncodingError) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, proposal) in proposals.enumerated() {
            guard let spiSize = UInt8(exactly: proposal.spi.count) else { throw .tooManyBytes(.proposal, proposal.spi.count) }
            guard let transformCount = UInt8(exactly: proposal.transforms.count) else {
                throw .tooManyItems(.proposal, proposal.transforms.count)
            }
            let transforms = Transform.encode(proposal.transforms)
            let size = headerSize + proposal.spi.count + transforms.count
            guard let length = UInt16(exactly: size) else { throw .tooManyBytes(.proposal, size) }
            bytes += [index == proposals.count - 1 ? 0 : 2, 0] + length.bigEndianBytes
            bytes += [proposal.number, proposal.securityProtocol.rawValue, spiSize, transformCount] + proposal.spi + transforms
        }
        return bytes
    }
}

extension Transform {
    private static let headerSize = 8
    /// The key length attribute in its short form (RFC 7296 §3.3.5): type 14 with the "type and value" bit.
    private static let keyLengthAttribute: UInt16 = 0x8000 | 14

    static func decodeList(_ reader: inout ByteReader, count: Int) throws(IKEDecodingError) -> [Transform] {
        var transforms: [Transform] = []
        for index in 0..<count {
            var structure = try reader.structure(lengthOffset: 2, headerSize: headerSize, of: .transform)
            guard try structure.isLast(moreIs: 3, of: .transform) == (index == count - 1) else {
                throw .invalidField(.transform, "last-substructure flag")
            }
            _ = try structure.bytes(3, of: .transform)  // reserved, length
            let kind = Kind(rawValue: try structure.integer(UInt8.self, of: .transform))
            _ = try structure.bytes(1, of: .transform)  // reserved
            var transform = Transform(kind, try structure.integer(UInt16.self, of: .transform))
            if !structure.isAtEnd {
                guard try structure.integer(UInt16.self, of: .transform) == keyLengthAttribute else {
                    throw .invalidField(.transform, "attribute")
                }
                transform.keyLength = try structure.integer(UInt16.self, of: .transform)
            }
            try structure.end(of: .transform)
            transforms.append(transform)
        }
        return transforms
    }

    static func encode(_ transforms: [Transform]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, transform) in transforms.enumerated() {
            let attribute = transform.keyLength.map { keyLengthAttribute.bigEndianBytes + $0.bigEndianBytes } ?? []
            bytes += [index == transforms.count - 1 ? 0 : 3, 0] + UInt16(headerSize + attribute.count).bigEndianBytes
            bytes += [transform.kind.rawValue, 0] + transform.identifier.bigEndianBytes + attribute
        }
        return bytes
    }
}

extension ByteReader {
    /// The first byte of a proposal or transform: 0 in the last of its list.
    fileprivate mutating func isLast(moreIs more: UInt8, of element: IKEElement) throws(IKEDecodingError) -> Bool {
        let byte = try integer(UInt8.self, of: element)
        guard byte == 0 || byte == more else { throw .invalidField(element, "last-substructure flag") }
        return byte == 0
    }
}
