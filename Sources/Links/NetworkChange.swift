import Addressing

/// A change to a namespace's network: one rtnetlink request, as a value that can be collected, sent with others, and named in an error.
public enum NetworkChange: Sendable {
    /// `ip link add … type veth peer … netns …`. Refused with EEXIST when either name is taken.
    case addVethPair(VethPair)
    /// A bridge without spanning tree, forward delay and multicast snooping, so that it forwards at once and everything.
    /// Its number is the kernel's choice unless one is given.
    case addBridge(String, mac: MACAddress? = nil, number: UInt32? = nil)
    /// An interface that leads nowhere and carries addresses.
    case addDummy(String, mac: MACAddress? = nil, number: UInt32? = nil)
    /// `ip link set`.
    case set(String, LinkSettings)
    /// `ip link del`; a veth's peer goes with it. Each waits for the kernel's grace periods (about 20 ms for a bridge's port), so that a whole
    /// lab is taken down by its namespaces, which the kernel clears all at once.
    case removeLink(String)
    /// `ip address add`, without duplicate address detection, so that an IPv6 address is usable at once.
    case addAddress(AssignedAddress)
    case removeAddress(AssignedAddress)
    /// `ip route add`: refused with EEXIST when there is a route to this destination.
    case addRoute(RouteEntry)
    /// `ip route replace`.
    case replaceRoute(RouteEntry)
    case removeRoute(RouteEntry)
    /// `ip neighbour replace`.
    case setNeighbour(NeighbourEntry)
    /// `ip neighbour del`.
    case removeNeighbour(IPAddress, on: String)
    /// `ip ntable change … dev …`.
    case setNeighbourTimes(NeighbourTimes, on: String)
    /// `tc qdisc replace dev … root netem`. With the same seed, loss and jitter begin anew.
    case emulate(NetworkEmulation, on: String)
    /// `tc qdisc del dev … root`: refused with ENOENT or EINVAL when there is none.
    case removeQueueDiscipline(on: String)
}

extension NetworkChange {
    public static func setUp(_ interface: String) -> NetworkChange { .set(interface, LinkSettings(isUp: true)) }
    public static func setDown(_ interface: String) -> NetworkChange { .set(interface, LinkSettings(isUp: false)) }

    /// What the change does, for an error's text.
    var operation: String {
        switch self {
        case .addVethPair, .addBridge, .addDummy, .addAddress, .addRoute: "add"
        case .set, .setNeighbour, .setNeighbourTimes: "set"
        case .removeLink, .removeAddress, .removeRoute, .removeNeighbour, .removeQueueDiscipline: "remove"
        case .replaceRoute: "replace"
        case .emulate: "set"
        }
    }

    /// What the change is about, for an error's text.
    var object: String {
        switch self {
        case .addVethPair(let pair): "veth \(pair.end.interface) – \(pair.peer.interface) in \(pair.peerNamespace.label)"
        case .addBridge(let name, _, _): "bridge \(name)"
        case .addDummy(let name, _, _): "dummy \(name)"
        case .set(let name, _), .removeLink(let name): "link \(name)"
        case .addAddress(let address), .removeAddress(let address): "address \(address)"
        case .addRoute(let route), .replaceRoute(let route), .removeRoute(let route): "route \(route)"
        case .setNeighbour(let neighbour): "neighbour \(neighbour)"
        case .removeNeighbour(let address, let interface): "neighbour \(address) on \(interface)"
        case .setNeighbourTimes(_, let interface): "times of neighbours on \(interface)"
        case .emulate(_, let interface): "netem on \(interface)"
        case .removeQueueDiscipline(let interface): "queueing discipline on \(interface)"
        }
    }

    /// The interfaces whose indices the request needs. Links themselves are addressed by name.
    var interfacesByIndex: [String] {
        switch self {
        case .addVethPair, .addBridge, .addDummy, .removeLink: []
        case .set(_, let settings): if case .of(let bridge)? = settings.port { [bridge] } else { [] }
        case .addAddress(let address), .removeAddress(let address): [address.interface]
        case .addRoute(let route), .replaceRoute(let route), .removeRoute(let route): [route.interface]
        case .setNeighbour(let neighbour): [neighbour.interface]
        case .removeNeighbour(_, let interface), .setNeighbourTimes(_, let interface), .emulate(_, let interface),
            .removeQueueDiscipline(let interface):
            [interface]
        }
    }

    /// The interface whose index is another one after the change, or gone.
    var interfaceMadeOrRemoved: String? {
        switch self {
        case .addVethPair(let pair): pair.end.interface
        case .addBridge(let name, _, _), .addDummy(let name, _, _), .removeLink(let name): name
        default: nil
        }
    }
}
