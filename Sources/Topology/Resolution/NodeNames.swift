/// The names of the nodes that every lab has.
public enum NodeNames {
    static let internet = "internet"
    static let virtualNetwork = "vnet"
    static let instances = ["gateway-0", "gateway-1"]

    public static let own = Set([internet, virtualNetwork] + instances)
}
