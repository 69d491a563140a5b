import Addressing

/// The gateway as written.
struct GatewayEntry: Sendable {
    var name: Written<String>?
    var addresses: Written<[Written<IPAddress>]>?
    var prefixes: Written<[Written<IPPrefix>]>?
    var link: LinkEntry?
    var insideLink: LinkEntry?
    var timing: TimingEntry?
}

extension GatewayEntry {
    static let name = Key.required("name", .name(.gateway), "The gateway's name, such as VNet1GW.")
    static let addresses = Key.required(
        "addresses", .list(1...2, of: Form.address.written, named: "addresses, at most one of each family"),
        "The gateway's internet addresses (VIPs), which move to the active instance: at most one IPv4 and one IPv6 address.")
    static let prefixes = Key.required(
        "prefixes", .list(1...SiteEntry.mostPrefixes, of: Form.prefix.written, named: "prefixes"),
        "The networks behind the gateway. The first host of each is a workload's address.")
    static let link = Key.optional(
        "link", LinkEntry.gatewayForm, "The link between each instance and the internet: both directions, or toGateway and fromGateway.")
    static let insideLink = Key.optional(
        "insideLink", LinkEntry.gatewayForm, "The link between each instance and the virtual network, in the same way.")
    static let timing = Key.optional("timing", TimingEntry.form, "How long each step of a failover takes.")

    static let form = Form<GatewayEntry>.mapping(
        "gateway", "The gateway: two instances, of which one is active.", keys: [name, addresses, prefixes, link, insideLink, timing]
    ) {
        GatewayEntry(
            name: $0.written(name), addresses: $0.written(addresses), prefixes: $0.written(prefixes), link: $0[link],
            insideLink: $0[insideLink], timing: $0[timing])
    }
}
