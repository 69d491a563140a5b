/// What must hold between the values of a topology. Values that were wrong by themselves are not there any more.
struct TopologyChecks {
    let entry: TopologyEntry
    let sites: [SiteDraft]

    func run(into reading: inout Reading) {
        NameChecks(sites: sites).run(into: &reading)
        AddressChecks(gateway: entry.gateway, sites: sites).run(into: &reading)
        LinkChecks(entry: entry).run(into: &reading)
        PolicyChecks(entry: entry).run(into: &reading)
        ConnectionChecks(entry: entry).run(into: &reading)
        checkRecovery(into: &reading)
        checkRetransmission(into: &reading)
        checkRehearsal(into: &reading)
    }

    /// There is one way in which tunnels come back, and an instance that keeps its address and its SAs needs none.
    private func checkRecovery(into reading: inout Reading) {
        guard let gateway = entry.gateway else { return }
        if gateway.hasStateSync, gateway.hasSameSPI, let path = gateway.reinstall?.path {
            reading.report(
                path, found: "same-spi with \"stateSync: true\"",
                allowed: "one of both: same-spi begins sequence numbers anew, stateSync carries them over")
        }
        guard gateway.isActiveActive else { return }
        let allowed = "only without \"activeActive\": there an address and its SAs stay with their own instance, so nothing is carried over"
        if gateway.hasStateSync, let path = gateway.stateSync?.path {
            reading.report(path, found: "stateSync with \"activeActive: true\"", allowed: allowed)
        }
        if gateway.hasSameSPI, let path = gateway.reinstall?.path {
            reading.report(path, found: "same-spi with \"activeActive: true\"", allowed: allowed)
        }
    }

    private func checkRetransmission(into reading: inout Reading) {
        guard let written = entry.gateway?.timing?.keyExchange, let plan = entry.gateway?.timing?.plan.keyExchange else { return }
        var wait = plan.timeout.seconds
        var total = wait
        for _ in 0..<plan.tries {
            wait *= plan.base
            total += wait
        }
        if total > 86_400 {
            reading.report(written.path, found: "waits of more than a day together", allowed: "a smaller timeout, base or number of tries")
        }
    }

    private func checkRehearsal(into reading: inout Reading) {
        let plan = entry.rehearsal.plan
        guard plan.resetAt >= plan.duration else { return }
        // Points at the value that is written: the other may be a default.
        let isWritten = entry.rehearsal?.resetAt != nil
        let allowed = "\"resetAt\" before the end of \"duration\""
        reading.report(
            isWritten ? "rehearsal.resetAt" : "rehearsal.duration",
            found: "a reset at \(plan.resetAt.text) in \(plan.duration.text)", allowed: allowed)
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
