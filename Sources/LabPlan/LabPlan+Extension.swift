extension LabPlan {
    /// What a plan has more than an earlier one of the same lab: sites with their connections, and what belongs to them elsewhere. Everything that
    /// was there keeps its index.
    public struct Addition: Sendable {
        public var nodes: Range<Int>
        public var links: Range<Int>
        public var connections: Range<Int>
        public var dummies: [Dummy]
        public var addresses: [InterfaceAddress]
        public var routes: [Route]
    }

    /// - Returns: nil when this is not the earlier plan with sites added at its end: another gateway, other timing, a family that no node speaks
    ///   yet, or anything that has changed.
    public func addition(to earlier: LabPlan) -> Addition? {
        guard name == earlier.name, seed == earlier.seed, usesIPv6 == earlier.usesIPv6, bridges == earlier.bridges,
            gateway == earlier.gateway,
            timing == earlier.timing, nodes.starts(with: earlier.nodes), links.starts(with: earlier.links),
            connections.count >= earlier.connections.count,
            // Keys may have been changed since: they are not compared.
            zip(earlier.connections, connections).allSatisfy({ $0.withoutSecrets == $1.withoutSecrets }),
            nodes[earlier.nodes.count...].allSatisfy({ $0.kind == .site }), Set(nodes.map(\.namespace)).count == nodes.count,
            Set(connections.map(\.name)).count == connections.count,
            let dummies = dummies.added(to: earlier.dummies), let addresses = addresses.added(to: earlier.addresses),
            let routes = routes.added(to: earlier.routes)
        else { return nil }
        return Addition(
            nodes: earlier.nodes.count..<nodes.count, links: earlier.links.count..<links.count,
            connections: earlier.connections.count..<connections.count, dummies: dummies, addresses: addresses, routes: routes)
    }
}

extension Array where Element: Equatable {
    /// The elements that an earlier array does not have, in order; nil when it has some that this one lacks.
    fileprivate func added(to earlier: [Element]) -> [Element]? {
        var left = earlier[...]
        var added: [Element] = []
        for element in self {
            if element == left.first { left = left.dropFirst() } else { added.append(element) }
        }
        return left.isEmpty ? added : nil
    }
}
