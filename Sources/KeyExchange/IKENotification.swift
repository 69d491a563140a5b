/// A notify payload (RFC 7296 §3.10): an error, or a status.
public struct IKENotification: Sendable, Hashable {
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: UInt16

        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let noProposalChosen = Kind(rawValue: 14)
        /// The data is the group that the responder takes, in 16 bits.
        public static let invalidKeyExchange = Kind(rawValue: 17)
        public static let authenticationFailed = Kind(rawValue: 24)
        public static let trafficSelectorsUnacceptable = Kind(rawValue: 38)
        /// Everything the receiver still has of this connection is void (RFC 7296 §2.4).
        public static let initialContact = Kind(rawValue: 16384)
        /// The sender's PFS group in 16 bits. Private use (40960 to 65535, RFC 7296 §3.10.1), and of the lab's own making: see `PFSGroups`.
        public static let pfsGroup = Kind(rawValue: 40960)

        /// Errors are below 16384, statuses above.
        public var isError: Bool { rawValue < 16384 }
    }

    public var kind: Kind
    public var data: [UInt8]

    public init(_ kind: Kind, data: [UInt8] = []) {
        self.kind = kind
        self.data = data
    }
}

extension IKENotification {
    static func decode(_ reader: inout ByteReader) throws(IKEDecodingError) -> IKENotification {
        let element = IKEElement.payload(.notify)
        _ = try reader.bytes(1, of: element)  // protocol: of no meaning without an SPI
        let spiSize = Int(try reader.integer(UInt8.self, of: element))
        let kind = Kind(rawValue: try reader.integer(UInt16.self, of: element))
        // A notification of a child SA names it by SPI. None of those that the lab sends or reads does.
        guard spiSize == 0 else { throw .invalidField(element, "SPI size") }
        return IKENotification(kind, data: reader.takeRest())
    }

    var encoded: [UInt8] { [0, 0] + kind.rawValue.bigEndianBytes + data }
}

/// A delete payload (RFC 7296 §3.11): the SAs that the sender has given up.
public struct Deletion: Sendable, Hashable {
    public var securityProtocol: Proposal.SecurityProtocol
    /// All of one size: 4 bytes for ESP; none for the IKE SA, which the message's header names.
    public var spis: [[UInt8]]

    /// Of an IKE SA.
    public static let ikeSA = Deletion(securityProtocol: .ike, spis: [])

    init(securityProtocol: Proposal.SecurityProtocol, spis: [[UInt8]]) {
        self.securityProtocol = securityProtocol
        self.spis = spis
    }

    /// Of ESP SAs, by the SPIs on which the sender received.
    public init(_ spis: [ChildSPI]) { self.init(securityProtocol: .esp, spis: spis.map(\.rawValue.bigEndianBytes)) }
}

extension Deletion {
    static func decode(_ reader: inout ByteReader) throws(IKEDecodingError) -> Deletion {
        let element = IKEElement.payload(.delete)
        guard let securityProtocol = Proposal.SecurityProtocol(rawValue: try reader.integer(UInt8.self, of: element)) else {
            throw .invalidField(element, "protocol")
        }
        let spiSize = Int(try reader.integer(UInt8.self, of: element))
        let count = Int(try reader.integer(UInt16.self, of: element))
        guard spiSize == (securityProtocol == .ike ? 0 : 4), securityProtocol != .ike || count == 0 else {
            throw .invalidField(element, "SPI size")
        }
        var spis: [[UInt8]] = []
        for _ in 0..<count { spis.append(Array(try reader.bytes(spiSize, of: element))) }
        return Deletion(securityProtocol: securityProtocol, spis: spis)
    }

    func encoded() throws(IKEEncodingError) -> [UInt8] {
        guard let count = UInt16(exactly: spis.count) else { throw .tooManyItems(.payload(.delete), spis.count) }
        return [securityProtocol.rawValue, securityProtocol == .ike ? 0 : 4] + count.bigEndianBytes + spis.flatMap { $0 }
    }
}
