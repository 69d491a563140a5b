import LabPlan

extension Topology {
    /// Reads and checks a topology file.
    ///
    /// - Parameters:
    ///   - text: The file's content.
    ///   - file: The file's name, for messages and reports.
    /// - Throws: Everything that is wrong in the file, not only the first of it.
    public static func load(text: String, file: String) throws(TopologyErrors) -> Topology {
        var reading = Reading(file: file)
        guard let root = YAMLDocument.read(text, expected: TopologyEntry.documentStart, into: &reading),
            let entry = TopologyEntry.form.read(root, &reading)
        else {
            throw TopologyErrors(reading.diagnostics)
        }
        let sites = SiteExpansion.expand(entry.sites, into: &reading)
        TopologyChecks(entry: entry, sites: sites).run(into: &reading)
        guard reading.diagnostics.isEmpty, let topology = Topology(file: file, entry: entry, sites: sites) else {
            throw TopologyErrors(reading.diagnostics)
        }
        return topology
    }

    /// nil when a required value is missing, which reading has reported then.
    private init?(file: String, entry: TopologyEntry, sites: [SiteDraft]) {
        guard let name = entry.name?.value, let gateway = entry.gateway.flatMap(Gateway.init) else { return nil }
        self.file = file
        self.name = name
        self.gateway = gateway
        self.sites = sites.compactMap { Site($0, defaults: entry.defaults) }
        timing = (entry.gateway?.timing ?? TimingEntry()).plan
        run = entry.rehearsal.run
        // What is written beside the name of another rehearsal is for that one, and need not fit this one.
        rehearsal = run == nil ? entry.rehearsal.plan : RehearsalRule.reset()
        guard self.sites.count == sites.count else { return nil }
    }
}

extension Topology.Gateway {
    fileprivate init?(_ entry: GatewayEntry) {
        guard let name = entry.name?.value, let addresses = entry.addresses?.value, let prefixes = entry.prefixes?.value else { return nil }
        // The instances' order is the file's; without instances' own addresses the file's order means nothing.
        let ordered = entry.isActiveActive ? addresses.map(\.value) : addresses.map(\.value).sorted()
        self.init(
            name: name, addresses: ordered, isActiveActive: entry.isActiveActive,
            recovery: entry.hasStateSync ? .stateSync : entry.hasSameSPI ? .sameSPI : .negotiate,
            maxConcurrentExchanges: entry.maxConcurrentExchanges ?? GatewayPlan.standardConcurrentExchanges,
            prefixes: prefixes.map(\.value),
            link: Topology.Link(entry.link), insideLink: Topology.Link(entry.insideLink))
    }
}

extension Topology.Site {
    fileprivate init?(_ draft: SiteDraft, defaults: DefaultsEntry?) {
        guard let name = draft.name, let address = draft.address, let connectionName = draft.connectionName else { return nil }
        self.init(
            name: name, address: address, prefixes: draft.prefixes.map(\.value),
            link: Topology.Link((draft.entry.link ?? LinkEntry()).over(defaults?.link)),
            connection: Topology.Connection(connectionName, draft.entry.connection, defaults: defaults))
    }
}

extension Topology.Connection {
    fileprivate init(_ name: String, _ entry: ConnectionEntry?, defaults: DefaultsEntry?) {
        let detection = (entry?.deadPeerDetection ?? Sides()).over(defaults?.deadPeerDetection)
        self.init(
            name: name,
            preSharedKeys: entry?.preSharedKey.flatMap { keys in
                guard let site = keys.site, let gateway = keys.gateway else { return nil }
                return Topology.PerSide(site: site, gateway: gateway)
            },
            policies: Topology.PerSide(
                site: (entry?.policy?.site ?? PolicyEntry()).over(defaults?.policy?.site).policy,
                gateway: (entry?.policy?.gateway ?? PolicyEntry()).over(defaults?.policy?.gateway).policy),
            modes: Topology.PerSide(
                site: entry?.mode?.site ?? defaults?.mode?.site ?? .default,
                gateway: entry?.mode?.gateway ?? defaults?.mode?.gateway ?? .default),
            deadPeerDetection: Topology.PerSide(site: detection.site.plan, gateway: detection.gateway.plan),
            gatewayAddressesAtSite: entry?.peerAddress?.site?.value.map(\.value),
            siteAddressAtGateway: entry?.peerAddress?.gateway?.value,
            selectors: Topology.PerSide(
                site: entry?.selectors?.value.site?.compactMap(\.plan), gateway: entry?.selectors?.value.gateway?.compactMap(\.plan)),
            preferredTunnel: entry?.prefers?.value)
    }
}

extension Topology.Link {
    fileprivate init(_ entry: LinkEntry?) {
        self.init(to: entry?.to?.impairment, from: entry?.from?.impairment)
    }
}

extension RehearsalEntry? {
    /// The gateway's reset, with the usual values for what is not written.
    var plan: RehearsalPlan {
        RehearsalRule.reset(
            duration: self?.duration, at: self?.resetAt, probeRate: self?.probes?.rate, probePayload: self?.probes?.payload,
            maximumOutage: self?.expectations?.maximumOutage, applications: self?.applications?.plan)
    }

    /// What is written here beside the name of another rehearsal replaces that one's values.
    fileprivate var run: Topology.Run? {
        guard let entry = self, let name = entry.run?.value else { return nil }
        return Topology.Run(
            rehearsal: name,
            overrides: RehearsalOverrides(
                duration: entry.duration, resetAt: entry.resetAt, probeRate: entry.probes?.rate, probePayload: entry.probes?.payload,
                expectations: entry.expectations?.maximumOutage.map { [.maximumOutage($0)] } ?? [], applications: entry.applications?.plan))
    }
}
