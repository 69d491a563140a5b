import AgentProtocol
import Gateway
import KeyExchange
import LabPlan
import LinuxKernel
import XFRM

// A lab that stands gets another site.

extension Laboratory {
    /// Builds what a plan has more than the one that stands, and starts its connections. Everything else goes on meanwhile.
    ///
    /// - Throws: `AgentMessage.Failure` of kind `badRequest` when the plan is not this lab's with sites added, or an action is under way.
    func extend(to extended: LabPlan) throws {
        guard run == nil, watch?.underWay.isEmpty ?? true else {
            throw AgentMessage.Failure(kind: .badRequest, message: "something is being done to the lab; a site is added when that is over")
        }
        guard let addition = extended.addition(to: plan), !addition.connections.isEmpty else {
            throw AgentMessage.Failure(kind: .badRequest, message: "the plan is not this lab's with sites added at its end")
        }
        let isWatched = watch != nil
        watch?.end()
        watch = nil
        do {
            try take(extended, addition)
        } catch {
            // What was made in part is found by `tearDown`; the lab is not what either plan says.
            fail(error)
            throw error
        }
        for connection in addition.connections {
            timeline.record(
                "connection-added", extended.connections[connection].name,
                detail: extended.nodes[extended.connections[connection].site].name)
        }
        if isWatched { watch = try LabWatch(self) }
    }

    private func take(_ extended: LabPlan, _ addition: LabPlan.Addition) throws {
        adopt(extended, builder: builder.adding(addition, of: extended))
        try builder.build(after: nodes) { add($0) }
        sampler.adopt(extended, nodes: nodes)
        tunnels.adopt(extended)
        for index in addition.nodes {
            try thread.run(in: nodes[index].namespace) { try tunnels.openSockets(of: index) }
            try tunnels.listen(at: index)
        }
        for index in addition.connections {
            let connection = extended.connections[index]
            steered.append(connection.preferredTunnel)
            try addSitePolicies(of: connection, tunnel: connection.preferredTunnel)
            for instance in configured.sorted(by: { $0.rawValue < $1.rawValue }) {
                var batch = XFRMBatch()
                for policy in gatewayPolicies(of: index, at: instance) { try batch.add(policy) }
                try apply(&batch, at: extended.gateway.instances[instance.rawValue].node)
            }
        }
        // As `LabBuilder` has it: the whole plan from now on, for instances that come back.
        adopt(extended, builder: builder.whole)
        tunnels.start(connections: addition.connections, at: driver.machine.activeInstances)
    }
}
