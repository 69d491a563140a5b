import LabPlan

/// What an exchange ends with at one end: everything for the two ESP SAs of a connection.
///
/// The first exchange of an IKE SA says that it is (INITIAL_CONTACT, RFC 7296 §2.4): what an end had of this connection before is void. Later
/// ones replace a pair of the same IKE SA.
public struct NegotiatedChild: Sendable, Equatable {
    /// One direction's SA.
    public struct Direction: Sendable, Equatable {
        public let spi: ChildSPI
        public let keys: DirectionKeys

        public init(spi: ChildSPI, keys: DirectionKeys) {
            self.spi = spi
            self.keys = keys
        }
    }

    /// The connection as this end knows it: addresses, prefixes, algorithms, lifetimes (`policy`). The lifetimes are this end's own and need
    /// not be the peer's.
    public let connection: ConnectionEnd
    /// The IKE SA's identifiers: the same at both ends, and for every pair of that IKE SA.
    public let initiatorSPI: IKESPI
    public let responderSPI: IKESPI
    /// The SA on which this end receives; its SPI was this end's choice.
    public let inbound: Direction
    public let outbound: Direction
    public let pfs: PFSGroups

    public init(
        connection: ConnectionEnd, initiatorSPI: IKESPI, responderSPI: IKESPI, inbound: Direction, outbound: Direction, pfs: PFSGroups
    ) {
        self.connection = connection
        self.initiatorSPI = initiatorSPI
        self.responderSPI = responderSPI
        self.inbound = inbound
        self.outbound = outbound
        self.pfs = pfs
    }
}

/// Both ends' groups for perfect forward secrecy, as Diffie-Hellman group numbers, 0 for none.
///
/// Two ends that differ here agree on the first child SA all the same, as it takes the IKE SA's secret and no group is negotiated for it
/// (RFC 7296 §1.2). It is the first rekeying that fails, hours later. The lab's ends therefore tell each other their group in a
/// notification of private use, so that a rehearsal can warn at once.
public struct PFSGroups: Sendable, Hashable {
    public let local: UInt16
    /// nil when the peer did not tell.
    public let remote: UInt16?

    public init(local: UInt16, remote: UInt16?) {
        self.local = local
        self.remote = remote
    }

    /// Whether a rekeying would fail for it.
    public var differ: Bool { remote.map { $0 != local } ?? false }
}
