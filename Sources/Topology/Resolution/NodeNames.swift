/// The names of the nodes that every lab has.
enum NodeNames {
    static let internet = "internet"
    static let virtualNetwork = "vnet"
    static let instances = ["gateway-0", "gateway-1"]

    static let own = Set([internet, virtualNetwork] + instances)
}
