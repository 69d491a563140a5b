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
        entry.gateway?.timing?.checkRetransmission(into: &reading)
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

    private func checkRehearsal(into reading: inout Reading) {
        guard let rehearsal = entry.rehearsal else { return }
        let (at, end) = (rehearsal.resetAt, rehearsal.duration)
        // What another rehearsal has for a value that is not written is known when it is read.
        guard rehearsal.run == nil || (at != nil && end != nil) else { return }
        let (start, duration) = (at ?? RehearsalRule.standardStart, end ?? RehearsalRule.standardDuration)
        guard start >= duration else { return }
        // Points at the value that is written: the other may be a default.
        reading.report(
            at != nil ? "rehearsal.resetAt" : "rehearsal.duration", found: "a reset at \(start.text) in \(duration.text)",
            allowed: "\"resetAt\" before the end of \"duration\"")
    }
}

extension TimingEntry {
    /// A key exchange that is repeated for days is a mistake.
    func checkRetransmission(into reading: inout Reading) {
        guard let written = keyExchange else { return }
        let plan = plan.keyExchange
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
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
