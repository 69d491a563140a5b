import Addressing

/// What each side is configured to take for its peer's internet address, as far as it is written.
struct PeerAddressEntry: Sendable {
    /// The site's: an address for each of its tunnels.
    var site: Written<[Written<IPAddress>]>?
    var gateway: Written<IPAddress>?
}

extension PeerAddressEntry {
    static let site = Key.optional(
        "site",
        Form<[Written<IPAddress>]>.oneOrList(
            1...2, of: Form.address.written, named: "addresses, one for each tunnel"),
        "What the site takes for the gateway's address; with an active-active gateway a list, one for each tunnel.")
    static let gateway = Key.optional("gateway", .address, "What the gateway takes for the site's address.")

    static let form = Form<PeerAddressEntry>.mapping(
        "peerAddress", "What each side takes for its peer's internet address: wrong on purpose.", keys: [site, gateway]
    ) {
        PeerAddressEntry(site: $0.written(site), gateway: $0.written(gateway))
    }
}
