/// A notify payload (RFC 7296 §3.10): an error, or a status.
public struct IKENotification: Sendable, Hashable {
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: UInt16

        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let noProposalChosen = Kind(rawValue: 14)
        /// The data is the group that the responder takes, in 16 bits.
        public static let invalidKeyExchange = Kind(rawValue: 17)
        public static let authenticationFailed = Kind(rawValue: 24)
        /// No further pair of SAs is wanted in this IKE SA.
        public static let noAdditionalSAs = Kind(rawValue: 35)
        public static let trafficSelectorsUnacceptable = Kind(rawValue: 38)
        /// Not now (RFC 7296 §2.25): what is asked for collides with what this end is about to do.
        public static let temporaryFailure = Kind(rawValue: 43)
        /// The pair to be rekeyed is not there.
        public static let childSANotFound = Kind(rawValue: 44)
        /// Everything the receiver still has of this connection is void (RFC 7296 §2.4).
        public static let initialContact = Kind(rawValue: 16384)
        /// The pair that a CREATE_CHILD_SA exchange is to replace, by the SPI on which the sender receives.
        public static let rekeySA = Kind(rawValue: 16393)
        /// The sender's PFS group in 16 bits. Private use (40960 to 65535, RFC 7296 §3.10.1), and of the lab's own making: see `PFSGroups`.
        public static let pfsGroup = Kind(rawValue: 40960)

        /// Errors are below 16384, statuses above.
        public var isError: Bool { rawValue < 16384 }
    }

    public var kind: Kind
    /// Of the ESP SA that it is about; nil when it is about none, or the IKE SA.
    public var spi: ChildSPI?
    public var data: [UInt8]

    public init(_ kind: Kind, spi: ChildSPI? = nil, data: [UInt8] = []) {
        self.kind = kind
        self.spi = spi
        self.data = data
    }
}

extension IKENotification {
    static func decode(_ reader: inout ByteReader) throws(IKEDecodingError) -> IKENotification {
        let element = IKEElement.payload(.notify)
        let securityProtocol = try reader.integer(UInt8.self, of: element)
        let spiSize = Int(try reader.integer(UInt8.self, of: element))
        let kind = Kind(rawValue: try reader.integer(UInt16.self, of: element))
        // Without an SPI the protocol has no meaning.
        guard spiSize > 0 else { return IKENotification(kind, data: reader.takeRest()) }
        guard spiSize == 4, securityProtocol == Proposal.SecurityProtocol.esp.rawValue else { throw .invalidField(element, "SPI size") }
        guard let spi = ChildSPI(bytes: Array(try reader.bytes(4, of: element))) else { throw .invalidField(element, "SPI") }
        return IKENotification(kind, spi: spi, data: reader.takeRest())
    }

    var encoded: [UInt8] {
        let named = spi?.rawValue.bigEndianBytes ?? []
        return [spi == nil ? 0 : Proposal.SecurityProtocol.esp.rawValue, UInt8(named.count)] + kind.rawValue.bigEndianBytes + named + data
    }

    static func rekeying(_ inbound: ChildSPI) -> IKENotification { IKENotification(.rekeySA, spi: inbound) }
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

    /// Those of ESP SAs.
    var childSPIs: [ChildSPI] { securityProtocol == .esp ? spis.compactMap { ChildSPI(bytes: $0) } : [] }
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
