import Addressing
import CMnl

/// What a namespace knows about a neighbour's Ethernet address, by ARP or by neighbour discovery.
public struct NeighbourEntry: Hashable, Sendable {
    /// The state of the kernel's table (RFC 4861 §7.3.2; ARP entries go through the same).
    public enum State: Hashable, Sendable {
        case none, incomplete, reachable, stale, delay, probe, failed
        /// Needs no resolution: multicast, for example.
        case noResolution
        /// Set by hand, never aged.
        case permanent
    }

    public var address: IPAddress
    public var interface: String
    /// nil while it is not known.
    public var mac: MACAddress?
    public var state: State

    public init(_ address: IPAddress, on interface: String, mac: MACAddress?, state: State = .permanent) {
        self.address = address
        self.interface = interface
        self.mac = mac
        self.state = state
    }
}

extension NeighbourEntry: CustomStringConvertible {
    public var description: String { "\(address) on \(interface)" }
}

extension NeighbourEntry.State {
    private static let kernelValues: [(Self, Int32)] = [
        (.none, NUD_NONE), (.incomplete, NUD_INCOMPLETE), (.reachable, NUD_REACHABLE), (.stale, NUD_STALE), (.delay, NUD_DELAY),
        (.probe, NUD_PROBE), (.failed, NUD_FAILED), (.noResolution, NUD_NOARP), (.permanent, NUD_PERMANENT),
    ]

    /// `NUD_…`
    var kernelValue: UInt16 { UInt16(Self.kernelValues.first { $0.0 == self }?.1 ?? NUD_NONE) }

    init(kernelValue: UInt16) { self = Self.kernelValues.first { $0.1 == Int32(kernelValue) }?.0 ?? .none }
}
