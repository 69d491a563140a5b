import AgentProtocol
import Gateway
import LabPlan
import XFRM

// What the gateway is configured with for a connection is changed while the lab stands.

extension Laboratory {
    /// Changes the gateway's side of a connection, or takes it away. The site's side stays as it is, as the device at that site would.
    ///
    /// A connection that is deleted keeps its policies: without an SA they let nothing pass, so that nothing of it leaves in the clear.
    ///
    /// - Throws: `AgentMessage.Failure` for a connection that there is not, or a configuration that the gateway cannot have.
    package func configure(_ index: Int, as configuration: ConnectionPlan.GatewayConfiguration) throws {
        guard plan.connections.indices.contains(index) else { throw unknown("connection \(index)", plan.connections.map(\.name)) }
        guard run == nil else { throw AgentMessage.Failure(kind: .badRequest, message: "the lab is being measured") }
        let before = plan.connections[index]
        guard before.takes(configuration) else {
            throw AgentMessage.Failure(
                kind: .badRequest, message: "\(before.name): the gateway's address, the site's and the prefixes must be of one family")
        }
        guard !plan.connections.enumerated().contains(where: { $0.offset != index && $0.element.name == configuration.name }) else {
            throw AgentMessage.Failure(kind: .badRequest, message: "the lab has a connection \(configuration.name)")
        }
        if configuration.exists {
            let isNewKey = configuration.side.preSharedKey != before.gatewaySide.preSharedKey
            timeline.record("connection-changed", configuration.name, detail: isNewKey ? "new shared key" : "new configuration")
            resetting.insert(index)
        } else {
            timeline.record("connection-deleted", before.name)
            resetting.remove(index)
        }
        sampler.sampleGateway()
        do {
            tunnels.close(connection: index)
            try take(configuration, of: index)
            tunnels.open(plan.connections[index], as: index, at: driver.machine.activeInstances)
        } catch {
            fail(error)
            throw error
        }
    }

    private func take(_ configuration: ConnectionPlan.GatewayConfiguration, of index: Int) throws {
        let before = configured.map { ($0, gatewayPolicies(of: index, at: $0)) }
        var changed = plan
        changed.connections[index].gatewayConfiguration = configuration
        let known = (withheld[index] ?? []) + plan.connections[index].gatewaySide.selectors
        withheld[index] = known.filter { !configuration.side.selectors.contains($0) }
        adopt(changed, builder: builder)
        for (instance, old) in before.sorted(by: { $0.0.rawValue < $1.0.rawValue }) {
            var batch = XFRMBatch()
            // What was there is there still, protecting or withheld: an update replaces it by its selector, and adds what is new.
            for policy in gatewayPolicies(of: index, at: instance) where !old.contains(policy) { try batch.append(.updatePolicy(policy)) }
            try apply(&batch, at: plan.gateway.instances[instance.rawValue].node)
        }
    }

    /// The policies of a connection at one of the gateway's instances: for what it protects, and for what it protected before it was changed.
    func gatewayPolicies(of index: Int, at instance: InstanceID) -> [SecurityPolicy] {
        let connection = plan.connections[index]
        let own = connection.tunnels.indices.filter { connection.tunnels[$0].instance.map { $0 == instance.rawValue } ?? true }
        return own.flatMap { TunnelSecurity(plan: connection, tunnel: $0, side: .gateway).policies }
            + (withheld[index] ?? []).flatMap(TunnelSecurity.withholding)
    }
}
