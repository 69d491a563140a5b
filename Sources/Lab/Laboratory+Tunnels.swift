import KeyExchange
import LabPlan
import XFRM

// What the tunnels' ends tell, and what the lab makes of it.

extension Laboratory {
    func tunnelTold(_ id: TunnelEndID, _ event: TunnelEvent, at node: Int) {
        let connection = plan.connections[id.tunnel.connection]
        // With several tunnels a site's end says which one.
        let tunnel = id.side == .site && connection.tunnels.count > 1 ? " to \(connection.tunnels[id.tunnel.tunnel].gatewayAddress)" : ""
        let place = plan.nodes[node].name + tunnel
        func record(_ kind: String, _ detail: String? = nil) { timeline.record(kind, connection.name, detail: detail ?? place) }
        switch event {
        case .exchangeQueued: record("key-exchange-queued")
        case .exchangeStarted: record("key-exchange-started")
        case .established(_, let initiated):
            record(id.side == .site ? "site-security-installed" : "gateway-security-installed")
            if initiated { record("key-exchange-completed") }
            let peer = TunnelEndID(tunnel: id.tunnel, side: id.side == .site ? .gateway : .site)
            if tunnels.status(of: peer)?.isUp ?? false { sampler.sampleAfterInstallation(of: id.tunnel.connection) }
            if isUp(connection: id.tunnel.connection), resetting.remove(id.tunnel.connection) != nil {
                timeline.record("connection-reset-finished", connection.name)
            }
        case .exchangeFailed(let failure): record("key-exchange-failed", "\(place): \(failure)")
        case .peerDead(let silence): record("peer-dead", "\(place): nothing heard for \(silence.inSeconds)")
        case .deletedByPeer: record("tunnel-down", "\(place): deleted by its peer")
        case .rekeyed(_, let initiated): if initiated { record("rekeyed") }
        case .rekeyFailed(let failure): record("rekey-failed", "\(place): \(failure)")
        case .expired: record("tunnel-down", "\(place): its lifetime is over, and there are no new keys")
        }
        if id.side == .site, connection.tunnels.count > 1 { steer(id.tunnel.connection) }
    }

    /// Sends a site's traffic by the preferred one of its tunnels that are up; with none up, as before.
    private func steer(_ connection: Int) {
        let plan = plan.connections[connection]
        let order = [plan.preferredTunnel] + plan.tunnels.indices.filter { $0 != plan.preferredTunnel }
        let choice = order.first {
            tunnels.status(of: TunnelEndID(tunnel: TunnelID(connection: connection, tunnel: $0), side: .site))?.isUp ?? false
        }
        guard let choice, choice != steered[connection] else { return }
        do {
            var batch = XFRMBatch()
            for policy in TunnelSecurity(plan: plan, tunnel: choice, side: .site).policies where policy.direction == .outbound {
                try batch.append(.updatePolicy(policy))
            }
            try apply(&batch, at: plan.site)
            steered[connection] = choice
            timeline.record(
                "traffic-moved", plan.name, detail: "\(self.plan.nodes[plan.site].name) to \(plan.tunnels[choice].gatewayAddress)")
        } catch {
            fail(error)
        }
    }
}
