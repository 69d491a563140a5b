import Addressing

/// A lab, resolved: every namespace, interface name, address and key there will be.
///
/// The controller resolves it from a topology; the agent carries it out without deciding anything of its own. Indices into `nodes`
/// stand for the nodes everywhere.
///
///     site lan ─ [site] wan ──── s0001 ┐                         ┌ out [gateway 0] in ┐
///                                      ├ [internet] bridge "gw" ─┤   VIP on active    ├ bridge "inside" [vnet] work
///     site lan ─ [site] wan ──── s0002 ┘                         └ out [gateway 1] in ┘
public struct LabPlan: Codable, Sendable, Equatable {
    /// The lab's name: part of every namespace's name.
    public var name: String
    /// The topology's file name without folders, for reports.
    public var topology: String
    /// What randomness is derived from: impairments, nonces, SPIs, keys.
    public var seed: UInt64
    /// Whether any address of the lab is IPv6. Without, IPv6 is switched off in every node, so that no stray packet moves.
    public var usesIPv6: Bool
    public var nodes: [Node]
    public var bridges: [Bridge]
    public var links: [Link]
    public var dummies: [Dummy]
    public var addresses: [InterfaceAddress]
    public var routes: [Route]
    public var gateway: GatewayPlan
    public var connections: [ConnectionPlan]
    public var timing: TimingPlan
    public var rehearsal: RehearsalPlan

    public init(
        name: String, topology: String, seed: UInt64, usesIPv6: Bool, nodes: [Node], bridges: [Bridge], links: [Link], dummies: [Dummy],
        addresses: [InterfaceAddress], routes: [Route], gateway: GatewayPlan, connections: [ConnectionPlan], timing: TimingPlan,
        rehearsal: RehearsalPlan
    ) {
        self.name = name
        self.topology = topology
        self.seed = seed
        self.usesIPv6 = usesIPv6
        self.nodes = nodes
        self.bridges = bridges
        self.links = links
        self.dummies = dummies
        self.addresses = addresses
        self.routes = routes
        self.gateway = gateway
        self.connections = connections
        self.timing = timing
        self.rehearsal = rehearsal
    }

    /// The internet's node, the first of every plan.
    public static let internet = 0
    /// The virtual network's node, the second of every plan.
    public static let virtualNetwork = 1
}

/// A namespace.
public struct Node: Codable, Sendable, Equatable {
    public enum Kind: Codable, Sendable, Equatable {
        case internet
        case virtualNetwork
        case gatewayInstance(Int)
        case site
    }

    /// The name users know: `internet`, `vnet`, `gateway-0`, `gateway-1`, or the site's own.
    public var name: String
    public var kind: Kind
    /// The namespace's name under `/run/netns` (at most 255 bytes).
    public var namespace: String

    public init(name: String, kind: Kind, namespace: String) {
        self.name = name
        self.kind = kind
        self.namespace = namespace
    }
}

/// A bridge without spanning tree, in a node.
///
/// One of its ports is a veth pair whose other end, in the same node, takes nothing: a switch with something on it that never goes down. Without,
/// a bridge whose ports are all down loses packets that no counter shows, and its carrier, and with that the node's neighbours.
public struct Bridge: Codable, Sendable, Equatable {
    public var node: Int
    public var interface: String
    public var mac: MACAddress
    public var sparePort: String
    /// What the spare port leads to: it counts the frames that no other port may have taken.
    public var spareEnd: String

    public init(node: Int, interface: String, mac: MACAddress, sparePort: String, spareEnd: String) {
        self.node = node
        self.interface = interface
        self.mac = mac
        self.sparePort = sparePort
        self.spareEnd = spareEnd
    }
}

/// A veth pair, made directly in both its nodes.
public struct Link: Codable, Sendable, Equatable {
    public struct End: Codable, Sendable, Equatable {
        public var node: Int
        /// At most 15 bytes, unique in its node.
        public var interface: String
        public var mac: MACAddress
        /// The bridge in the same node that this end is a port of.
        public var bridge: String?
        /// What happens to packets that leave by this end.
        public var impairment: Impairment?

        public init(node: Int, interface: String, mac: MACAddress, bridge: String? = nil, impairment: Impairment? = nil) {
            self.node = node
            self.interface = interface
            self.mac = mac
            self.bridge = bridge
            self.impairment = impairment
        }
    }

    /// The full name, kept on both ends as the interface's alias: names of interfaces are too short for it.
    public var name: String
    public var a: End
    public var b: End

    public init(name: String, a: End, b: End) {
        self.name = name
        self.a = a
        self.b = b
    }

    public var ends: [End] { [a, b] }
}

/// An interface that leads nowhere and carries a prefix's address.
public struct Dummy: Codable, Sendable, Hashable {
    public var node: Int
    public var interface: String

    public init(node: Int, interface: String) {
        self.node = node
        self.interface = interface
    }
}

public struct InterfaceAddress: Codable, Sendable, Equatable {
    public var node: Int
    public var interface: String
    /// The address with the length of its network.
    public var address: IPPrefix

    public init(node: Int, interface: String, address: IPPrefix) {
        self.node = node
        self.interface = interface
        self.address = address
    }
}

public struct Route: Codable, Sendable, Equatable {
    public var node: Int
    public var destination: IPPrefix
    /// The next hop, taken to be on the interface's link (`onlink`); nil when the destination itself is on the link.
    public var nextHop: IPAddress?
    public var interface: String
    /// The preferred source address.
    public var source: IPAddress?

    public init(node: Int, destination: IPPrefix, nextHop: IPAddress?, interface: String, source: IPAddress? = nil) {
        self.node = node
        self.destination = destination
        self.nextHop = nextHop
        self.interface = interface
        self.source = source
    }
}

/// What a link does to the packets of one direction (netem).
public struct Impairment: Codable, Sendable, Equatable {
    public var delay: Duration
    /// Uniform around the delay; at most the delay.
    public var jitter: Duration
    /// 0 to 1.
    public var loss: Double
    /// In bits per second; nil for no limit.
    public var rate: UInt64?

    public init(delay: Duration = .zero, jitter: Duration = .zero, loss: Double = 0, rate: UInt64? = nil) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.rate = rate
    }

    /// Whether packets pass as if nothing were there.
    public var isNone: Bool { delay == .zero && jitter == .zero && loss == 0 && rate == nil }
}
