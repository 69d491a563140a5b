import Addressing
import AgentProtocol
import Gateway
import KeyExchange
import LabPlan
import LinuxKernel
import Measurement
import XFRM

// What a lab that people work in tells of itself.

extension Laboratory {
    /// Begins to probe all the time.
    func beginWatch() throws {
        guard run == nil, watch == nil else { throw AgentMessage.Failure(kind: .badRequest, message: "the lab is measured already") }
        timeline.capacity = 10_000
        watch = try LabWatch(self)
    }

    /// Does something and tells what came of it once it is over.
    func perform(_ action: LabAction, _ completion: @escaping (ActionOutcome) -> Void) throws {
        guard let watch else { throw AgentMessage.Failure(kind: .badRequest, message: "nothing is measured in this lab") }
        let dark = watch.darkFlows
        watch.track(try begin(action), action, dark: dark, completion)
    }

    func status() throws -> LabStatus {
        let states = driver.machine.states
        let loss = watch?.loss() ?? []
        return LabStatus(
            at: loop.now,
            instances: plan.gateway.instances.enumerated().map { index, instance in
                let id = InstanceID(rawValue: index) ?? .first
                return .init(name: instance.name, state: states[id]?.text ?? "gone", addresses: held(by: id).map(\.description))
            },
            connections: try plan.connections.enumerated().map { index, connection in
                .init(
                    name: connection.name, site: plan.nodes[connection.site].name,
                    tunnels: try connection.tunnels.indices.map { try status(of: TunnelID(connection: index, tunnel: $0)) },
                    loss: loss.isEmpty
                        ? []
                        : zip([FlowDirection.toGateway, .toSite], loss[(2 * index)...]).map {
                            .init(direction: $0, sent: $1.sent, lost: $1.lost)
                        })
            },
            lossWindow: LabWatch.lossWindow,
            changedLinks: links.changes.sorted { $0.key < $1.key }.map { link, change in
                switch change {
                case .cut: .init(name: plan.linkName(link), change: "cut")
                case .impaired(let impairment, let direction):
                    .init(
                        name: plan.linkName(link), change: impairment.text + (direction == .both ? "" : ", \(direction.rawValue) the node"))
                }
            },
            underWay: (watch?.underWay ?? [])
                + driver.machine.restartsUnderWay.map { restart in
                    "\(plan.gateway.instances[restart.instance.rawValue].name) restarts"
                })
    }

    private func held(by id: InstanceID) -> [IPAddress] {
        guard driver.machine.states[id] == .active else { return [] }
        return plan.gateway.isActiveActive ? plan.gateway.instances[id.rawValue].addresses : plan.gateway.virtualAddresses
    }

    private func status(of tunnel: TunnelID) throws -> LabStatus.Tunnel {
        let plan = plan.connections[tunnel.connection].tunnels[tunnel.tunnel]
        let gateway = tunnels.status(of: TunnelEndID(tunnel: tunnel, side: .gateway))
        let site = tunnels.status(of: TunnelEndID(tunnel: tunnel, side: .site))
        let isUp = gateway?.isUp ?? false && site?.isUp ?? false
        let isConnecting = [gateway, site].contains { if case .negotiating? = $0?.state { true } else { false } }
        let known = securityLedger.all(of: TunnelEndID(tunnel: tunnel, side: .gateway))
        let associations = try known.map { known in
            let installed = try nodes[known.node].security!.association(known.id)
            return LabStatus.Association(
                direction: known.isInbound ? .toGateway : .toSite, spi: known.id.spi.description, age: loop.now - known.since,
                bytes: installed.bytes, packets: installed.packets)
        }
        return .init(
            gatewayAddress: plan.gatewayAddress.description, instance: gateway.map { self.plan.nodes[$0.node].name },
            state: isUp ? .connected : isConnecting ? .connecting : .notConnected,
            age: isUp ? [gateway, site].compactMap { $0?.upSince }.max().map { loop.now - $0 } : nil, associations: associations,
            failure: isUp
                ? nil
                : self.plan.connections[tunnel.connection].existsAtGateway
                    ? (gateway?.failure ?? site?.failure)?.description : "deleted at the gateway")
    }

    // MARK: - SAs and counters

    /// Every SA that the lab has installed, by node.
    func associations(withKeys: Bool) throws -> [AssociationRecord] {
        try nodes.enumerated().flatMap { index, node -> [AssociationRecord] in
            guard let security = node.security else { return [] }
            let since = Dictionary(securityLedger.all(at: index).map { ($0.id, $0.since) }, uniquingKeysWith: { first, _ in first })
            return try security.associations().sorted {
                ($0.association.destination, $0.association.spi) < ($1.association.destination, $1.association.spi)
            }
            .map { record($0, at: index, age: since[$0.association.id].map { loop.now - $0 } ?? 0, withKeys: withKeys) }
        }
    }

    private func record(_ installed: InstalledAssociation, at node: Int, age: Int64, withKeys: Bool) -> AssociationRecord {
        let association = installed.association
        let encryption: String
        let integrity: String?
        let keys: (encryption: XFRM.KeyMaterial, integrity: XFRM.KeyMaterial?)
        let truncation: UInt32
        switch association.transform {
        case .aead(let algorithm, let key, let bits):
            (encryption, integrity, keys, truncation) = (algorithm.rawValue, nil, (key, nil), bits)
        case .separate(let cipher, let key, let hash, let hashKey, let bits):
            (encryption, integrity, keys, truncation) = (cipher.rawValue, hash.rawValue, (key, hashKey), bits)
        }
        return AssociationRecord(
            node: plan.nodes[node].name, source: association.source.description, destination: association.destination.description,
            spi: association.spi.description, requestID: association.requestID, encryption: encryption, integrity: integrity,
            truncation: truncation, packets: installed.packets, bytes: installed.bytes, age: age,
            sequenceSent: installed.replayState?.sent ?? 0, sequenceReceived: installed.replayState?.received ?? 0,
            encryptionKey: withKeys ? keys.encryption.hexadecimal : nil,
            integrityKey: withKeys ? keys.integrity?.hexadecimal : nil)
    }

    /// Every counter of dropped packets, read now.
    func counters() throws -> [CounterRecord] {
        try sampler.readAll().sorted { $0.counter < $1.counter }.map { reading in
            let counter = reading.counter
            return CounterRecord(
                node: plan.nodes[counter.node].name, interface: counter.interface, name: counter.name, value: reading.value)
        }
    }
}

extension LabWatch {
    /// - Parameter completion: called once the action is over; for what is meant to last, as soon as it is done.
    func track(
        _ begun: Laboratory.BegunAction, _ action: LabAction, dark: Set<Int>, _ completion: @escaping (ActionOutcome) -> Void
    ) {
        func track(_ description: String, _ begun: Laboratory.BegunAction, isMeasured: Bool, completion: @escaping (ActionOutcome) -> Void)
        {
            self.track(description, begun, dark: dark, isMeasured: isMeasured, completion: completion)
        }
        switch action {
        case .resetGateway: track("reset of \(begun.subject)", begun, isMeasured: true, completion: completion)
        case .resetConnection: track("reset of \(begun.subject)", begun, isMeasured: true, completion: completion)
        case .failInstance: track("failure of \(begun.subject)", begun, isMeasured: true, completion: completion)
        case .maintainInstance: track("maintenance of \(begun.subject)", begun, isMeasured: true, completion: completion)
        case .cutLink(_, let duration): track("\(begun.subject) is cut", begun, isMeasured: duration != nil, completion: completion)
        case .impairLink(_, _, _, let duration):
            track("\(begun.subject) is impaired", begun, isMeasured: duration != nil, completion: completion)
        case .restoreLink: track("\(begun.subject) is restored", begun, isMeasured: true, completion: completion)
        case .flapLink: track("\(begun.subject) flaps", begun, isMeasured: true, completion: completion)
        case .dropAnnouncements: track("announcements are left out", begun, isMeasured: false, completion: completion)
        }
    }
}

extension InstanceState {
    fileprivate var text: String {
        switch self {
        case .active: "active"
        case .standby: "standby"
        case .restarting: "restarting"
        case .gone: "gone"
        }
    }
}

extension XFRM.KeyMaterial {
    fileprivate var hexadecimal: String {
        withUnsafeBytes { bytes in
            bytes.map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
        }
    }
}
