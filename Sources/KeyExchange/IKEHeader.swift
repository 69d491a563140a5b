/// An IKE SA's identifier at one end (RFC 7296 §3.1): 0 where the responder has none yet.
public struct IKESPI: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let none = IKESPI(rawValue: 0)

    init(from random: inout some RandomSource) {
        rawValue = max(1, random.integer(as: UInt64.self))
    }
}

/// An ESP SA's identifier, chosen by its receiver.
public struct ChildSPI: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 1 to 255 are reserved, 0 is for local use (RFC 4303 §2.1).
    public static let lowest: UInt32 = 256

    init(from random: inout some RandomSource) {
        // The remainder favours the lowest 256 values by one in 2^32, and needs no second draw.
        rawValue = Self.lowest + random.integer(as: UInt32.self) % (UInt32.max - Self.lowest + 1)
    }

    /// nil for anything but 4 bytes with an allowed value.
    init?(bytes: [UInt8]) {
        guard bytes.count == 4 else { return nil }
        rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
        guard rawValue >= Self.lowest else { return nil }
    }
}

extension ChildSPI: CustomStringConvertible {
    /// As `ip xfrm` prints it: `0x0000c0de`.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// The fixed part of a message (RFC 7296 §3.1), without what follows from the rest: next payload, version, length.
public struct IKEHeader: Sendable, Hashable {
    public enum Exchange: UInt8, Sendable, Hashable {
        case saInit = 34
        case auth = 35
        case createChildSA = 36
        case informational = 37
    }

    public var initiatorSPI: IKESPI
    public var responderSPI: IKESPI
    public var exchange: Exchange
    /// Whether the sender began the IKE SA.
    public var isFromInitiator: Bool
    public var isResponse: Bool
    public var messageID: UInt32

    public init(
        initiatorSPI: IKESPI, responderSPI: IKESPI, exchange: Exchange, isFromInitiator: Bool, isResponse: Bool, messageID: UInt32
    ) {
        self.initiatorSPI = initiatorSPI
        self.responderSPI = responderSPI
        self.exchange = exchange
        self.isFromInitiator = isFromInitiator
        self.isResponse = isResponse
        self.messageID = messageID
    }

    /// In bytes.
    public static let size = 28
    static let version: UInt8 = 0x20
}

extension IKEHeader {
    private static let initiatorFlag: UInt8 = 0x08
    private static let responseFlag: UInt8 = 0x20

    /// - Returns: the header, and the type of the first payload.
    static func decode(_ reader: inout ByteReader, datagramSize: Int) throws(IKEDecodingError) -> (IKEHeader, PayloadType) {
        let initiatorSPI = IKESPI(rawValue: try reader.integer(UInt64.self, of: .header))
        let responderSPI = IKESPI(rawValue: try reader.integer(UInt64.self, of: .header))
        let firstPayload = PayloadType(rawValue: try reader.integer(UInt8.self, of: .header))
        let version = try reader.integer(UInt8.self, of: .header)
        // A higher minor version is understood as 2.0 (RFC 7296 §2.5).
        guard version >> 4 == Self.version >> 4 else { throw .unsupportedVersion(version) }
        let exchange = Exchange(rawValue: try reader.integer(UInt8.self, of: .header))
        let flags = try reader.integer(UInt8.self, of: .header)
        let messageID = try reader.integer(UInt32.self, of: .header)
        let length = Int(try reader.integer(UInt32.self, of: .header))
        guard length == datagramSize else { throw .datagramLength(stated: length, actual: datagramSize) }
        guard let exchange else { throw .invalidField(.header, "exchange type") }
        guard initiatorSPI != .none else { throw .invalidField(.header, "initiator's SPI") }
        let header = IKEHeader(
            initiatorSPI: initiatorSPI, responderSPI: responderSPI, exchange: exchange, isFromInitiator: flags & initiatorFlag != 0,
            isResponse: flags & responseFlag != 0, messageID: messageID)
        return (header, firstPayload)
    }

    /// - Parameter length: the whole message's, in bytes.
    func encoded(firstPayload: PayloadType, length: UInt32) -> [UInt8] {
        let flags = (isFromInitiator ? Self.initiatorFlag : 0) | (isResponse ? Self.responseFlag : 0)
        return initiatorSPI.rawValue.bigEndianBytes + responderSPI.rawValue.bigEndianBytes
            + [firstPayload.rawValue, Self.version, exchange.rawValue, flags] + messageID.bigEndianBytes + length.bigEndianBytes
    }
}
