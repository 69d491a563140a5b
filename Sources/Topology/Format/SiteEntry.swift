import Addressing
import LabPlan

/// A site, or many that are alike, as written.
struct SiteEntry: Sendable {
    var path: String
    var name: Written<String>?
    var count: Written<Int>?
    var address: Written<IPAddress>?
    var prefixes: Written<[Written<IPPrefix>]>?
    var link: LinkEntry?
    var connection: ConnectionEntry?
}

extension SiteEntry {
    static let mostSites = 1_000
    static let mostPrefixes = 16

    static let name = Key.required("name", .name(.site), "The site's name. With \"count\", -0001 and so on is added.")
    static let count = Key.optional(
        "count", .integer(1...mostSites),
        "Makes this many sites of the entry: the names are numbered (branch-0001), the address is counted up by one, each prefix by its own size. "
            + "Default: one site with exactly this name.")
    static let address = Key.required("address", .address, "The site's address on the internet: its end of the tunnel.")
    static let prefixes = Key.required(
        "prefixes", .list(1...mostPrefixes, of: Form.prefix.written, named: "prefixes"),
        "The networks behind the site, which the connection protects. The first host of each has an address.")
    static let link = Key.optional(
        "link", LinkEntry.siteForm,
        "The site's link to the internet: values for both directions, or toSite and fromSite. Keys left out are taken from \"defaults\".")
    static let connection = Key.optional("connection", ConnectionEntry.form, "The site's connection to the gateway.")

    static let form = Form<SiteEntry>.mapping(
        "site", "A site, or many alike.", keys: [name, count, address, prefixes, link, connection]
    ) {
        SiteEntry(
            path: $0.path, name: $0.written(name), count: $0.written(count), address: $0.written(address), prefixes: $0.written(prefixes),
            link: $0[link], connection: $0[connection])
    }
}

/// What sites have that do not write it themselves.
struct DefaultsEntry: Sendable {
    var link: LinkEntry?
    var policy: Sides<PolicyEntry>?
    var mode: Sides<ConnectionPlan.Mode>?
    var deadPeerDetection: Sides<DeadPeerDetectionEntry>?
}

extension DefaultsEntry {
    static let link = Key.optional("link", LinkEntry.siteForm, "The link of sites, key by key.")
    static let policy = Key.optional("policy", PolicyEntry.sidesForm, "The policy of connections, key by key.")

    static let mode = Key.optional("mode", ConnectionEntry.modeForm, "The mode of connections.")
    static let deadPeerDetection = Key.optional(
        "deadPeerDetection", DeadPeerDetectionEntry.sidesForm, "The dead peer detection of connections, key by key.")

    static let form = Form<DefaultsEntry>.mapping(
        "defaults", "What sites have that do not write it themselves.", keys: [link, policy, mode, deadPeerDetection]
    ) {
        DefaultsEntry(link: $0[link], policy: $0[policy], mode: $0[mode], deadPeerDetection: $0[deadPeerDetection])
    }
}
