import Addressing

/// One direction of an ESP tunnel (or host-to-host connection) as the kernel is to keep it: an `xfrm_state`.
public struct SecurityAssociation: Equatable, Sendable {
    /// How a receiver finds an SA: by where packets go, and their SPI.
    public struct ID: Hashable, Sendable {
        public var destination: IPAddress
        public var spi: SPI

        public init(destination: IPAddress, spi: SPI) {
            self.destination = destination
            self.spi = spi
        }
    }

    public enum Mode: Hashable, Sendable {
        /// Whole packets of either family inside; the outer addresses are the SA's.
        case tunnel
        /// The payload of packets between the SA's own addresses.
        case transport
    }

    public struct Options: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }
    }

    public var source: IPAddress
    public var destination: IPAddress
    public var spi: SPI
    /// Ties the SA to the policies whose templates name the same number; 0 matches templates with 0 only.
    public var requestID: UInt32
    public var mode: Mode
    public var transform: ESPTransform
    /// How far behind the newest sequence number a packet may arrive, in packets; 0 turns replay protection off. At most 4,096.
    public var replayWindow: UInt32
    /// 64-bit sequence numbers (RFC 4303 §2.2.1). The replay window must not be 0 then.
    public var usesExtendedSequenceNumbers: Bool
    public var lifetime: Lifetime
    public var options: Options

    /// - Parameter replayWindow: 32 is what most IKE daemons set.
    public init(
        source: IPAddress, destination: IPAddress, spi: SPI, requestID: UInt32 = 0, mode: Mode = .tunnel, transform: ESPTransform,
        replayWindow: UInt32 = 32, usesExtendedSequenceNumbers: Bool = false, lifetime: Lifetime = .unlimited, options: Options = []
    ) {
        self.source = source
        self.destination = destination
        self.spi = spi
        self.requestID = requestID
        self.mode = mode
        self.transform = transform
        self.replayWindow = replayWindow
        self.usesExtendedSequenceNumbers = usesExtendedSequenceNumbers
        self.lifetime = lifetime
        self.options = options
    }

    public var id: ID { ID(destination: destination, spi: spi) }
}

extension SecurityAssociation: CustomStringConvertible {
    public var description: String { "SA \(source) → \(destination) \(spi)" }
}

extension SecurityAssociation.ID: CustomStringConvertible {
    public var description: String { "SA → \(destination) \(spi)" }
}

/// An SA as the kernel has it, with what it has counted.
public struct InstalledAssociation: Sendable {
    public var association: SecurityAssociation
    /// Payload and its headers, as sealed or opened.
    public var bytes: UInt64
    public var packets: UInt64
    /// Whole seconds since 1970.
    public var added: UInt64
    /// Whole seconds since 1970; nil as long as no packet has passed.
    public var firstUsed: UInt64?
    /// Packets older than the replay window.
    public var tooOld: UInt32
    /// Packets whose sequence number had been seen.
    public var replayed: UInt32
    /// Packets whose check value was wrong.
    public var forged: UInt32
    public var replayState: ReplayState?
}
