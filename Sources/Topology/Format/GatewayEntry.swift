import Addressing
import LabPlan

/// The gateway as written.
struct GatewayEntry: Sendable {
    var name: Written<String>?
    var addresses: Written<[Written<IPAddress>]>?
    var prefixes: Written<[Written<IPPrefix>]>?
    var activeActive: Bool?
    var stateSync: Written<Bool>?
    var reinstall: Written<Reinstall>?
    var maxConcurrentExchanges: Int?
    var link: LinkEntry?
    var insideLink: LinkEntry?
    var timing: TimingEntry?

    /// What the instance that takes over installs.
    enum Reinstall: String, CaseIterable, Sendable {
        case newSPI = "new-spi"
        case sameSPI = "same-spi"
    }

    var isActiveActive: Bool { activeActive ?? false }
    var hasStateSync: Bool { stateSync?.value ?? false }
    var hasSameSPI: Bool { reinstall?.value == .sameSPI }
}

extension GatewayEntry {
    static let name = Key.required("name", .name(.gateway), "The gateway's name, such as VNet1GW.")
    static let addresses = Key.required(
        "addresses", .list(1...4, of: Form.address.written, named: "addresses"),
        "The gateway's internet addresses (VIPs), which move to the active instance: at most one IPv4 and one IPv6 address. Of an active-active "
            + "gateway two of each family: the first is the primary instance's, the second the other's, and none moves.")
    static let prefixes = Key.required(
        "prefixes", .list(1...SiteEntry.mostPrefixes, of: Form.prefix.written, named: "prefixes"),
        "The networks behind the gateway. The first host of each is a workload's address.")
    static let activeActive = Key.optional(
        "activeActive", .boolean,
        "Whether both instances forward, each with an address of its own and a tunnel of its own to every site. Default: false.")
    static let stateSync = Key.optional(
        "stateSync", .boolean,
        "Whether SAs and their replay state are carried to the standby, so that it goes on where the active instance ended. Default: false."
    )
    static let reinstall = Key.optional(
        "reinstall", .choice(Reinstall.self),
        "What the instance that takes over installs: new SAs that it agrees on with the sites (new-spi), or the old ones' keys and SPIs without their "
            + "replay state, which the sites then drop as replayed (same-spi). Default: new-spi.")
    static let maxConcurrentExchanges = Key.optional(
        "maxConcurrentExchanges", .integer(1...SiteEntry.mostSites),
        "How many key exchanges of an instance go forward at once. Further ones wait for their turn to begin; what sites begin counts, and is answered "
            + "all the same. Default: \(GatewayPlan.standardConcurrentExchanges).")
    static let link = Key.optional(
        "link", LinkEntry.gatewayForm, "The link between each instance and the internet: both directions, or toGateway and fromGateway.")
    static let insideLink = Key.optional(
        "insideLink", LinkEntry.gatewayForm, "The link between each instance and the virtual network, in the same way.")
    static let timing = Key.optional("timing", TimingEntry.form, "How long each step of a failover takes.")

    static let form = Form<GatewayEntry>.mapping(
        "gateway", "The gateway: two instances, of which one is active, or both.",
        keys: [name, addresses, prefixes, activeActive, stateSync, reinstall, maxConcurrentExchanges, link, insideLink, timing]
    ) {
        GatewayEntry(
            name: $0.written(name), addresses: $0.written(addresses), prefixes: $0.written(prefixes), activeActive: $0[activeActive],
            stateSync: $0.written(stateSync), reinstall: $0.written(reinstall),
            maxConcurrentExchanges: $0[maxConcurrentExchanges], link: $0[link], insideLink: $0[insideLink], timing: $0[timing])
    }
}
