/// The whole file as written.
struct TopologyEntry: Sendable {
    var name: Written<String>?
    var gateway: GatewayEntry?
    var defaults: DefaultsEntry?
    var sites: Written<[SiteEntry]>?
    var rehearsal: RehearsalEntry?
}

extension TopologyEntry {
    /// The format's version.
    static let version = 1
    /// What an empty file lacks.
    static let documentStart = "a topology, which begins with \"resetlab: \(version)\""

    static let resetlab = Key.required(
        "resetlab", .choice([("\(version)", version)], schema: ["const": .integer(version)]), "The format's version.")
    static let name = Key.required("name", .name(.lab), "The lab's name.")
    static let gateway = Key.required("gateway", GatewayEntry.form, "The gateway.")
    static let defaults = Key.optional("defaults", DefaultsEntry.form, "What sites have that do not write it themselves.")
    static let sites = Key.required("sites", .list(1...SiteEntry.mostSites, of: SiteEntry.form, named: "sites"), "The sites.")
    static let rehearsal = Key.optional("rehearsal", RehearsalEntry.form, "What is rehearsed and how it is measured.")

    static let form = Form<TopologyEntry>.mapping(
        "topology", "A lab: a VPN gateway of two instances and the sites that are connected to it.",
        keys: [resetlab, name, gateway, defaults, sites, rehearsal]
    ) {
        TopologyEntry(
            name: $0.written(name), gateway: $0[gateway], defaults: $0[defaults], sites: $0.written(sites), rehearsal: $0[rehearsal])
    }
}
