import LabPlan

/// Both sides protect the same pairs of prefixes.
struct SelectorComparison {
    let items: [ConnectionCheck.Item]

    /// More pairs than these are counted, not listed.
    static let mostPairs = 4

    init(_ connection: ConnectionPlan) {
        let (site, gateway) = (connection.siteSide.selectors, connection.gatewaySide.selectors)
        let areEqual = Set(site) == Set(gateway)
        items = [
            ConnectionCheck.Item(
                name: "selectors", site: Self.text(site, unlike: gateway), gateway: Self.text(gateway, unlike: site),
                verdict: areEqual ? .ok : .differs)
        ]
    }

    /// What only this side has comes first.
    private static func text(_ own: [ConnectionPlan.Selectors], unlike other: [ConnectionPlan.Selectors]) -> String {
        let others = Set(other)
        let pairs = own.filter { !others.contains($0) } + own.filter(others.contains)
        let listed = pairs.prefix(mostPairs).map { "\($0.site) – \($0.gateway)" }.joined(separator: ", ")
        return pairs.count > mostPairs ? "\(listed) and \(pairs.count - mostPairs) more" : listed
    }
}
