extension GatewayPlan {
    /// What the virtual network behind it is called: the gateway's name without `GW` at its end, as in the service's own articles (VNet1, VNet1GW).
    public var networkName: String { name.hasSuffix("GW") && name.count > 2 ? String(name.dropLast(2)) : name + "-vnet" }
}

/// A virtual network as the classic deployment model's tools name it: `Group TestRG1 TestVNet1` for one that belongs to a resource group, its
/// name alone otherwise ("Reset a VPN gateway", classic deployment model).
public struct ClassicNetworkName: Sendable, Equatable {
    /// nil where the name has none.
    public var resourceGroup: String?
    public var network: String

    /// nil when the text is neither a name nor `Group`, a resource group and a name.
    public init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 1: (resourceGroup, network) = (nil, words[0])
        case 3 where words[0].lowercased() == "group": (resourceGroup, network) = (words[1], words[2])
        default: return nil
        }
    }

    /// Whether this names a network of a resource group. Names differ in case as users type them.
    public func matches(_ network: String, in group: String) -> Bool {
        self.network.lowercased() == network.lowercased() && (resourceGroup.map { $0.lowercased() == group.lowercased() } ?? true)
    }
}
