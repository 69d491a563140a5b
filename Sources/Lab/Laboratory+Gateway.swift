import Addressing
import Gateway
import KeyExchange
import LabPlan
import Links
import XFRM

// The gateway's actions.

extension Laboratory: GatewayPerforming {
    private func instance(_ instance: InstanceID) -> GatewayPlan.Instance { plan.gateway.instances[instance.rawValue] }

    func takeLinksDown(_ id: InstanceID) throws {
        let instance = instance(id)
        sampler.sampleGateway()
        try nodes[instance.node].network.apply([.setDown(instance.outside), .setDown(instance.inside)])
    }

    func bringLinksUp(_ id: InstanceID) throws {
        let instance = instance(id)
        let network = nodes[instance.node].network
        try network.apply([.setUp(instance.outside), .setUp(instance.inside)])
        try builder.restore(instance.node, on: network)
        sampler.sampleGateway()
        synchroniseStates()
    }

    func flushSecurity(_ id: InstanceID) throws {
        try securityLedger.flush(instance(id).node)
        configured.remove(id)
    }

    func applyConfiguration(_ id: InstanceID) throws {
        sampler.sampleGateway()
        guard configured.insert(id).inserted else { return }
        var batch = XFRMBatch()
        for connection in plan.connections.indices {
            for policy in gatewayPolicies(of: connection, at: id) { try batch.add(policy) }
        }
        try apply(&batch, at: instance(id).node)
    }

    func takeAddresses(_ set: AddressSet, at id: InstanceID) throws {
        // Where the configuration is applied at the same time, the counters have been read.
        if case .nextHops = set { sampler.sampleGateway() }
        try nodes[instance(id).node].network.apply(addresses(set, at: id).map { .addAddress($0) })
    }

    func releaseAddresses(_ set: AddressSet, at id: InstanceID) throws {
        let failures = try nodes[instance(id).node].network.attempt(addresses(set, at: id).map { .removeAddress($0) })
        // IPv6 addresses went with the links.
        for failure in failures where failure.error.errno != .addressNotAvailable { throw failure.error }
    }

    func announce(_ set: AddressSet, from id: InstanceID) throws {
        if announcementsToDrop > 0 { return }
        let node = instance(id).node
        for assigned in addresses(set, at: id) {
            guard let mac = plan.links.flatMap(\.ends).first(where: { $0.node == node && $0.interface == assigned.interface })?.mac else {
                throw LabError("\(instance(id).name) has no link \(assigned.interface)")
            }
            let announcement = AddressAnnouncement(assigned.address.address, at: mac, isRouter: true)
            try announcements[id.rawValue].send(announcement, on: assigned.interface)
        }
    }

    func startTunnels(_ id: InstanceID) throws {
        let node = instance(id).node
        switch plan.gateway.recovery {
        case .negotiate:
            tunnels.start(id)
        case .sameSPI:
            for (end, child) in lastKnown.established {
                try securityLedger.install(child, .both, of: security(of: end), at: end, node: node)
            }
            tunnels.resume(lastKnown, at: id)
        case .stateSync:
            let machines = synchroniser.handOver(to: node)
            for (end, child) in machines.established { try securityLedger.adopt(child, of: security(of: end), at: end, node: node) }
            tunnels.resume(machines, at: id)
            synchroniseStates()
        }
    }

    func forgetTunnels(_ id: InstanceID) throws {
        let machines = tunnels.machines(at: id)
        if !machines.isEmpty { lastKnown = machines }
        // What was carried up to now is what the standby goes on with, unless it is the standby that goes.
        synchroniser.stop()
        synchroniser.forget(whatWasCarriedTo: instance(id).node)
        tunnels.forget(id)
    }

    /// Carries states from the active instance to a standby, where there are both.
    private func synchroniseStates() {
        guard plan.gateway.recovery == .stateSync, let active = driver.machine.activeInstances.first,
            driver.machine.states[active.peer] == .standby
        else { return }
        synchroniser.begin(from: instance(active).node, to: instance(active.peer).node) { [unowned self] in tunnels.machines(at: active) }
    }

    private func security(of end: TunnelEndID) -> TunnelSecurity {
        TunnelSecurity(plan: plan.connections[end.tunnel.connection], tunnel: end.tunnel.tunnel, side: end.side)
    }

    func report(_ event: GatewayEvent) {
        let name = event.instance.map { instance($0).name }
        var kind = event.kind
        var detail: String?
        switch event {
        case .announced(_, let repetition):
            detail = "\(repetition) of \(plan.timing.announcements.count)"
            if announcementsToDrop > 0 {
                announcementsToDrop -= 1
                kind = "announcement-dropped"
            }
        case .restartRequested, .restartFinished: detail = name
        default: break
        }
        timeline.record(kind, event.restart != nil ? plan.gateway.name : name ?? plan.gateway.name, detail: detail)
    }

    /// Addresses outside and next hops inside. A link-local next hop is on its link, everything else a host's address.
    private func addresses(_ set: AddressSet, at id: InstanceID) -> [AssignedAddress] {
        let holder = instance(id)
        let (outside, inside): ([IPAddress], [IPAddress]) =
            switch set {
            case .gateway: (plan.gateway.virtualAddresses, plan.gateway.insideNextHops)
            case .own(let owner): (instance(owner).addresses, [])
            case .nextHops(let owner): ([], instance(owner).insideNextHops)
            }
        return outside.map { AssignedAddress(IPPrefix(host: $0), on: holder.outside) }
            + inside.map { AssignedAddress(IPPrefix(host: $0), on: holder.inside) }
    }
}

extension [TunnelEndID: TunnelEnd] {
    /// The ends that are up, in order, with their SAs.
    fileprivate var established: [(TunnelEndID, NegotiatedChild)] {
        compactMap { id, machine in if case .up(let child) = machine.state { (id, child) } else { nil } }.sorted { $0.0 < $1.0 }
    }
}
