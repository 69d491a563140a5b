/// Where the packets of a flow can die: the places they pass, and which counters there can have counted them.
///
/// Every place that the packets may take belongs in it, that of a standby instance too: the reset changes which one they do take.
public struct FlowPath: Sendable, Equatable {
    /// A node, or an interface of it.
    struct Place: Hashable, Sendable {
        var node: Int
        var interface: String?
    }

    struct Passage: Sendable, Equatable {
        var place: Place
        var groups: CounterGroup
    }

    private(set) var passages: [Passage] = []

    public init() {}

    /// The packets pass this node, or this interface of it, and can die there in the steps that `groups` name.
    public mutating func pass(node: Int, interface: String? = nil, _ groups: CounterGroup) {
        passages.append(Passage(place: Place(node: node, interface: interface), groups: groups))
    }

    public func admits(_ counter: CounterKey) -> Bool {
        let group = CounterMeaning.of(counter.name).group
        return passages.contains { $0.place == counter.place && !$0.groups.isDisjoint(with: group) }
    }
}

extension CounterKey {
    var place: FlowPath.Place { FlowPath.Place(node: node, interface: interface) }
}
