import AgentProtocol
import Gateway
import LabPlan

// What can be done to a lab that stands.

extension Laboratory {
    /// An action that has begun.
    struct BegunAction {
        /// What it happens to.
        var subject: String
        /// Whether everything is as it is to be: asked again and again until it is.
        var isOver: () -> Bool
    }

    /// Begins an action.
    ///
    /// - Throws: `AgentMessage.Failure` of kind `badRequest` when it cannot be done now, or to nothing that there is.
    @discardableResult
    package func perform(_ action: LabAction) throws -> String { try begin(action).subject }

    func begin(_ action: LabAction) throws -> BegunAction {
        switch action {
        case .resetGateway(let address):
            var instance: InstanceID?
            if let address {
                guard plan.gateway.isActiveActive else {
                    guard plan.gateway.virtualAddresses.contains(address) else { throw unknown("address \(address)", gatewayAddresses) }
                    return try restart(.reset, nil)
                }
                instance = plan.gateway.instances.firstIndex { $0.addresses.contains(address) }.flatMap(InstanceID.init)
                if instance == nil { throw unknown("address \(address)", gatewayAddresses) }
            }
            return try restart(.reset, instance)
        case .failInstance(let choice): return try restart(.failure, instance(choice))
        case .maintainInstance(let choice): return try restart(.maintenance, instance(choice))
        case .resetConnection(let index):
            guard plan.connections.indices.contains(index) else { throw unknown("connection \(index)", plan.connections.map(\.name)) }
            let connection = plan.connections[index]
            timeline.record("connection-reset-requested", connection.name)
            sampler.sampleGateway()
            resetting.insert(index)
            tunnels.reset(index)
            return BegunAction(subject: connection.name) { [unowned self] in isUp(connection: index) }
        case .cutLink(let link, let duration):
            try links.cut(checked(link), for: duration)
            return begun(link)
        case .restoreLink(let link):
            try links.restore(checked(link))
            return begun(link)
        case .flapLink(let link, let down, let up, let times):
            try links.flap(checked(link), down: down, up: up, times: times)
            return begun(link)
        case .impairLink(let link, let impairment, let direction, let duration):
            try links.impair(checked(link), impairment, direction, for: duration)
            return begun(link)
        case .dropAnnouncements(let count):
            announcementsToDrop += count
            return BegunAction(subject: plan.gateway.name) { true }
        }
    }

    private func restart(_ cause: RestartCause, _ instance: InstanceID?) throws -> BegunAction {
        let before = driver.machine.restartsUnderWay.map(\.number).max() ?? 0
        if driver.handle(.restart(cause, instance)) != nil {
            let name = instance.map { plan.gateway.instances[$0.rawValue].name } ?? "every instance of \(plan.gateway.name)"
            throw AgentMessage.Failure(kind: .badRequest, message: "\(name) is restarting already")
        }
        let begun = driver.machine.restartsUnderWay.first { $0.number > before }?.instance
        return BegunAction(subject: begun.map { plan.gateway.instances[$0.rawValue].name } ?? plan.gateway.name) { [unowned self] in
            driver.machine.isForwarding
        }
    }

    private func instance(_ choice: InstanceChoice) throws -> InstanceID? {
        switch choice {
        case .active: return nil
        case .standby:
            guard let standby = InstanceID.allCases.first(where: { driver.machine.states[$0] == .standby }) else {
                throw AgentMessage.Failure(
                    kind: .badRequest,
                    message: plan.gateway.isActiveActive
                        ? "\(plan.gateway.name) is active-active: it has no standby" : "\(plan.gateway.name) has no standby at the moment")
            }
            return standby
        case .index(let index):
            guard let instance = InstanceID(rawValue: index) else { throw unknown("instance \(index)", plan.gateway.instances.map(\.name)) }
            return instance
        }
    }

    private func begun(_ link: Int) -> BegunAction {
        BegunAction(subject: plan.linkName(link)) { [unowned self] in !links.isBusy(link) }
    }

    private func checked(_ link: Int) throws -> Int {
        guard plan.links.indices.contains(link) else { throw unknown("link \(link)", plan.linkNames) }
        return link
    }

    private var gatewayAddresses: [String] {
        (plan.gateway.virtualAddresses + plan.gateway.instances.flatMap(\.addresses)).map(\.description)
    }

    func unknown(_ what: String, _ known: [String]) -> AgentMessage.Failure {
        AgentMessage.Failure(kind: .badRequest, message: "the lab has no \(what); it has \(known.joined(separator: ", "))")
    }

    /// Whether any tunnel of a connection is up at both ends.
    func isReachable(connection: Int) -> Bool {
        plan.connections[connection].tunnels.indices.contains { tunnel in
            [.site, .gateway].allSatisfy {
                tunnels.status(of: TunnelEndID(tunnel: TunnelID(connection: connection, tunnel: tunnel), side: $0))?.isUp ?? false
            }
        }
    }

    /// Whether all tunnels of a connection are up at both ends.
    func isUp(connection: Int) -> Bool {
        plan.connections[connection].tunnels.indices.allSatisfy { tunnel in
            [.site, .gateway].allSatisfy {
                tunnels.status(of: TunnelEndID(tunnel: TunnelID(connection: connection, tunnel: tunnel), side: $0))?.isUp ?? false
            }
        }
    }
}
