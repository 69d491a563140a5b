import Addressing

/// What connections write of peers, tunnels, selectors and dead peer detection fits the gateway and the site.
struct ConnectionChecks {
    let entry: TopologyEntry

    private var isActiveActive: Bool { entry.gateway?.isActiveActive ?? false }

    func run(into reading: inout Reading) {
        check(entry.defaults?.deadPeerDetection, into: &reading)
        for site in entry.sites?.value ?? [] {
            guard let connection = site.connection else { continue }
            check((connection.deadPeerDetection ?? Sides()).over(entry.defaults?.deadPeerDetection), into: &reading)
            checkPeerAddress(of: site, connection.peerAddress, into: &reading)
            checkSelectors(of: site, connection.selectors, into: &reading)
            if let prefers = connection.prefers, !isActiveActive {
                reading.report(
                    prefers.path, found: "a choice of tunnels", allowed: "only with \"gateway.activeActive: true\": there is one tunnel")
            }
        }
    }

    // MARK: - Dead peer detection

    /// At its value, wherever that stands: repeated reports count once.
    private func check(_ detection: Sides<DeadPeerDetectionEntry>?, into reading: inout Reading) {
        for side in [detection?.site, detection?.gateway] {
            guard case .values(let values)? = side, let interval = values.interval else { continue }
            let timeout = values.timeout?.value ?? DeadPeerDetectionEntry.standardTimeout
            if interval.value > timeout {
                reading.report(
                    interval.path, found: "an interval of \(interval.value.text)", allowed: "at most the timeout, \(timeout.text)")
            }
        }
    }

    // MARK: - Peer addresses

    private func checkPeerAddress(of site: SiteEntry, _ peers: PeerAddressEntry?, into reading: inout Reading) {
        let tunnels = isActiveActive ? 2 : 1
        if let addresses = peers?.site, addresses.value.count != tunnels, !addresses.value.isEmpty {
            reading.report(
                addresses.path, found: addresses.value.count == 1 ? "one address" : "\(addresses.value.count) addresses",
                allowed: isActiveActive ? "two addresses, one for each tunnel" : "one address: there is one tunnel")
        }
        guard let family = site.address?.value.family else { return }
        for address in (peers?.site?.value ?? []) + (peers?.gateway.map { [$0] } ?? []) where address.value.family != family {
            reading.report(
                address.path, found: "\(address.value), an \(address.value.family.name) address",
                allowed: "an \(family.name) address, as the site's own is")
        }
    }

    // MARK: - Selectors

    private func checkSelectors(of site: SiteEntry, _ selectors: Written<Sides<[SelectorsEntry]>>?, into reading: inout Reading) {
        guard let selectors else { return }
        if site.count != nil {
            reading.report(
                selectors.path, found: "selectors of a counted site",
                allowed: "selectors only at a site without \"count\": none is counted up")
        }
        let internet = (entry.gateway?.addresses?.value ?? []).map(\.value) + (site.address.map { [$0.value] } ?? [])
        for pair in (selectors.value.site ?? []) + (selectors.value.gateway ?? []) {
            for prefix in [pair.site, pair.gateway] {
                guard let prefix, let address = internet.first(where: prefix.value.contains) else { continue }
                reading.report(
                    prefix.path, found: "\(prefix.value), in which the internet address \(address) lies",
                    allowed: "a prefix without the tunnel's own ends")
            }
            guard let own = pair.site?.value.family, let other = pair.gateway?.value.family, own != other else { continue }
            reading.report(pair.path, found: "an \(own.name) and an \(other.name) prefix", allowed: "two prefixes of one family")
        }
    }
}
