// The names by which users speak of a lab's parts.

extension LabPlan {
    /// A connection by its own name or its site's, in any capitals, as the management API has it.
    public func connection(named name: String) -> Int? {
        let wanted = name.lowercased()
        return connections.firstIndex { $0.name.lowercased() == wanted }
            ?? connections.firstIndex { nodes[$0.site].name.lowercased() == wanted }
    }

    public func node(named name: String) -> Int? { nodes.firstIndex { $0.name == name } }

    /// A link by the node that it leads to: a site's name, `gateway-0` for an instance's link to the internet, `gateway-0:inside` for the one
    /// to the virtual network. The node is the link's end `b`.
    public func link(named name: String) -> Int? {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let node = node(named: first), parts.count < 3 else { return nil }
        let near: Int
        switch parts.dropFirst().first {
        case nil, "outside": near = Self.internet
        case "inside": near = Self.virtualNetwork
        default: return nil
        }
        return links.firstIndex { $0.b.node == node && $0.a.node == near }
    }

    /// What `link(named:)` knows a link by.
    public func linkName(_ index: Int) -> String {
        let link = links[index]
        return nodes[link.b.node].name + (link.a.node == Self.virtualNetwork ? ":inside" : "")
    }

    /// Every link's name, in the plan's order.
    public var linkNames: [String] { links.indices.map(linkName) }
}
