import Addressing
import EventLoop
import Glibc
import Lab
import LabPlan
import Links
import LinuxKernel
import Measurement
import Probing
import XFRM

/// The lab as a whole, built from a plan by the agent's own orchestrator.
let labChecks: [KernelCheck] = [
    labCheck("lab.stands-as-planned", standsAsPlanned),
    labCheck("lab.security-at-both-ends", securityIsAtBothEnds),
    labCheck("lab.packets-are-sealed-and-counted", packetsAreSealedAndCounted),
    labCheck("lab.unequal-keys-fail-one-connection", unequalKeysFailOneConnection),
    labCheck("lab.unequal-policies-fail-one-connection", unequalPoliciesFailOneConnection),
    labCheck("lab.taken-name-is-left-alone", takenNameIsLeftAlone),
    labCheck("lab.failed-build-leaves-nothing", failedBuildLeavesNothing),
    labCheck("lab.rehearsal-is-encrypted", rehearsalIsEncrypted),
    labCheck("lab.clear-text-fails-the-audit", clearTextFailsTheAudit),
]

private func labCheck(_ name: String, _ check: @escaping @Sendable (LabPlan) throws -> Void) -> KernelCheck {
    KernelCheck(name, needs: [.bridge, .dummy, .xfrm, .espGCM, .netem, .packetSockets], files: [CheckPlan.file]) {
        try check(CheckPlan.load())
    }
}

// MARK: - Structure

private func standsAsPlanned(_ plan: LabPlan) throws {
    let before = try NamespaceNames.all()
    try StandingLab.with(plan) { lab in
        try expectEqual(NamespaceNames.all().subtracting(before).sorted(), plan.nodes.map(\.namespace).sorted(), "namespaces")
        let links = try plan.nodes.indices.map { try lab.node($0).network.links() }
        func interface(_ name: String, in node: Int) throws -> LinkStatus {
            guard let found = links[node].first(where: { $0.name == name }) else {
                throw Failure(description: "no \(name) in \(plan.nodes[node].namespace)")
            }
            return found
        }
        for link in plan.links {
            for end in link.ends {
                let found = try interface(end.interface, in: end.node)
                let what = "\(end.interface) in \(plan.nodes[end.node].name)"
                try expectEqual(found.kind, "veth", "kind of \(what)")
                try expectEqual(found.alias, link.name, "alias of \(what)")
                try expectEqual(found.mac, end.mac, "MAC address of \(what)")
                try expect(found.isUp, "\(what) is down")
                try expectEqual(found.bridgeIndex, try end.bridge.map { try interface($0, in: end.node).index }, "bridge of \(what)")
            }
        }
        // Nothing but what the plan says: loopback, and whatever tunnel devices the kernel makes in every namespace by itself.
        for node in plan.nodes.indices {
            var planned = plan.links.flatMap(\.ends).filter { $0.node == node }.map(\.interface)
            planned += plan.bridges.filter { $0.node == node }.flatMap { [$0.interface, $0.sparePort, $0.spareEnd] }
            planned += plan.dummies.filter { $0.node == node }.map(\.interface)
            let found = links[node].filter { link in link.kind.map { ["veth", "bridge", "dummy"].contains($0) } ?? false }
            try expectEqual(found.map(\.name).sorted(), planned.sorted(), "interfaces of \(plan.nodes[node].name)")
        }
        for address in plan.addresses {
            let found = try lab.node(address.node).network.addresses()
            try expect(
                found.contains { $0.interface == address.interface && $0.address == address.address },
                "no \(address.address) on \(address.interface) in \(plan.nodes[address.node].name): \(found)")
        }
        for end in plan.links.flatMap(\.ends) {
            let found = try lab.node(end.node).network.queueDisciplines().filter { $0.interface == end.interface && $0.kind == "netem" }
            let isPlanned = end.impairment.map { !$0.isNone } ?? false
            try expectEqual(found.count, isPlanned ? 1 : 0, "netem on \(end.interface) in \(plan.nodes[end.node].name)")
        }
    }
}

/// A second lab of one name is refused, and does not touch the first, nor the namespaces it has made up to then.
private func takenNameIsLeftAlone(_ plan: LabPlan) throws {
    try NamespaceNames.unchanged {
        let taken = plan.nodes[2].namespace
        let thread = try NamespaceThread()
        let foreign = try thread.makeNamespace(named: taken)
        let outcome = Result { try StandingLab.with(plan) { _ in } }
        let after = try NetworkNamespace.open(named: taken)
        try expectEqual(after.identity, foreign.identity, "the foreign namespace")
        try NetworkNamespace.remove(named: taken)
        guard case .failure(let error) = outcome else { throw Failure(description: "the lab was built over a foreign namespace") }
        try expect("\(error)".contains("\(taken) exists already"), "\(error)")
    }
}

private func failedBuildLeavesNothing(_ plan: LabPlan) throws {
    var plan = plan
    plan.addresses[plan.addresses.count - 1].interface = "nowhere"
    try NamespaceNames.unchanged {
        let outcome = Result { try StandingLab.with(plan) { _ in } }
        guard case .failure(let error) = outcome else { throw Failure(description: "an address on no interface was taken") }
        try expect("\(error)".contains("nowhere"), "the error does not name the interface: \(error)")
    }
}

// MARK: - Security

private func securityIsAtBothEnds(_ plan: LabPlan) throws {
    try StandingLab.with(plan) { lab in
        try lab.bringUp()
        let active = plan.gateway.instances[0].node
        var atGateway: [SecurityPolicy] = []
        for connection in plan.connections {
            let (site, gateway) = (connection.siteAddress, connection.tunnels[0].gatewayAddress)
            let sitePolicies = try expectedPolicies(
                connection.gatewaySide.selectors.map { ($0.site, $0.gateway) }, site, gateway, connection.requestID)
            try expectPolicies(try lab.node(connection.site).security?.policies() ?? [], sitePolicies, "at \(connection.name)'s site")
            atGateway += try expectedPolicies(
                connection.gatewaySide.selectors.map { ($0.gateway, $0.site) }, gateway, site, connection.requestID)

            let siteAssociations = try lab.associations(of: connection, at: connection.site)
            let gatewayAssociations = try lab.associations(of: connection, at: active)
            try expectEqual(
                siteAssociations.map(\.id).sorted, gatewayAssociations.map(\.id).sorted, "\(connection.name)'s SAs at both ends")
            try expectEqual(siteAssociations.count, 2, "\(connection.name)'s SAs")
            try expectEqual(Set(siteAssociations.map(\.destination)), [site, gateway], "where \(connection.name)'s SAs lead")
            // Both ends have derived the same keys: without, nothing could be opened.
            for association in siteAssociations {
                guard let other = gatewayAssociations.first(where: { $0.id == association.id }) else { continue }
                try expectEqual(other.transform, association.transform, "the transform of \(association.id)")
            }
        }
        try expectPolicies(try lab.node(active).security?.policies() ?? [], atGateway, "at the active instance")
        let standby = lab.node(plan.gateway.instances[1].node)
        try expectEqual(try standby.security?.associations().count, 0, "SAs at the standby")
    }
}

/// Three for each pair of prefixes: what leaves, what comes for this node, what comes to be forwarded.
private func expectedPolicies(
    _ selectors: [(near: IPPrefix, far: IPPrefix)], _ local: IPAddress, _ remote: IPAddress, _ requestID: UInt32
) throws -> [SecurityPolicy] {
    try selectors.flatMap { near, far in
        guard let leaving = TrafficSelector(source: near, destination: far), let coming = TrafficSelector(source: far, destination: near)
        else { throw Failure(description: "\(near) and \(far) are of two families") }
        let out = SecurityPolicy.Template(source: local, destination: remote, requestID: requestID)
        let back = SecurityPolicy.Template(source: remote, destination: local, requestID: requestID)
        return [
            SecurityPolicy(direction: .outbound, selector: leaving, templates: [out]),
            SecurityPolicy(direction: .inbound, selector: coming, templates: [back]),
            SecurityPolicy(direction: .forwarded, selector: coming, templates: [back]),
        ]
    }
}

/// The same selectors with the same templates, whatever their priority.
private func expectPolicies(_ found: [SecurityPolicy], _ expected: [SecurityPolicy], _ place: String) throws {
    try expectEqual(found.count, expected.count, "policies \(place)")
    for policy in expected {
        let match = found.first { $0.id == policy.id }
        try expectEqual(match?.templates, policy.templates, "templates of \(policy.id) \(place)")
        try expectEqual(match?.action, .allow, "action of \(policy.id) \(place)")
    }
}

private func packetsAreSealedAndCounted(_ plan: LabPlan) throws {
    try StandingLab.with(plan) { lab in
        try lab.bringUp()
        // Of all connections the one whose link loses nothing.
        let connection = try plan.connections.lossless(in: plan)
        let gateway = plan.gateway.instances[0].node
        let thread = try NamespaceThread()
        let (site, workload) = (connection.probes.site, connection.probes.gateway)
        let ends = try [(connection.site, site, workload), (LabPlan.virtualNetwork, workload, site)].map { node, address, peer in
            try thread.run(in: lab.node(node).namespace) { try ProbeSocket(from: address, to: peer, payload: 100) }
        }
        func cross(_ count: UInt64, from sender: Int, to address: IPAddress) throws {
            var arrived: [UInt64] = []
            let batch = ProbeBatch()
            for number in 0..<count {
                let outcome = ends[sender].send(ProbePacket(flow: 7, sequence: number, sentAt: 0))
                try expectEqual(outcome, .sent, "sending packet \(number)")
            }
            try lab.serve(until: "\(count) packets at \(address)") {
                ends[1 - sender].receive(batch) { probe, _ in if probe.flow == 7 { arrived.append(probe.sequence) } }
                return arrived.count >= Int(count)
            }
            try expectEqual(arrived.sorted(), Array(0..<count), "packets at \(address)")
        }
        try cross(10, from: 0, to: workload)
        try cross(7, from: 1, to: site)

        for (place, node) in [("site", connection.site), ("gateway", gateway)] {
            let installed = try lab.node(node).security?.associations() ?? []
            func packets(to destination: IPAddress) -> [UInt64] {
                installed.filter { $0.association.destination == destination && $0.association.requestID == connection.requestID }
                    .map(\.packets)
            }
            try expectEqual(packets(to: connection.tunnels[0].gatewayAddress), [10], "packets towards the gateway by the \(place)'s SA")
            try expectEqual(packets(to: connection.siteAddress), [7], "packets towards the site by the \(place)'s SA")
        }
        // The other connection's SAs have carried nothing.
        for other in plan.connections where other.name != connection.name {
            let installed = try lab.node(other.site).security?.associations() ?? []
            try expectEqual(installed.map(\.packets), [0, 0], "packets of \(other.name)")
        }
    }
}

private func unequalKeysFailOneConnection(_ plan: LabPlan) throws {
    var plan = plan
    plan.connections[1].siteSide.preSharedKey = PreSharedKey(secret: Array("another key altogether".utf8))
    try expectOnlySecondFails(plan, reason: "the pre-shared keys")
}

private func unequalPoliciesFailOneConnection(_ plan: LabPlan) throws {
    var plan = plan
    plan.connections[1].siteSide.policy = .routeBasedDefault
    plan.connections[1].siteSide.policy.encryption = .gcmAES128
    plan.connections[1].siteSide.policy.integrity = .gcmAES128
    try expectOnlySecondFails(plan, reason: "no proposal chosen")
}

private func expectOnlySecondFails(_ plan: LabPlan, reason: String) throws {
    try StandingLab.with(plan) { lab in
        try lab.bringUp()
        let (first, second) = (plan.connections[0], plan.connections[1])
        let ended = lab.events.filter { $0.kind == "key-exchange-completed" || $0.kind == "key-exchange-failed" }
        try expectEqual(ended.filter { $0.subject == first.name }.map(\.kind), ["key-exchange-completed"], first.name)
        try expectEqual(Set(ended.filter { $0.subject == second.name }.map(\.kind)), ["key-exchange-failed"], second.name)
        let detail = ended.first { $0.subject == second.name }?.detail ?? ""
        try expect(detail.contains(reason), "the reason is '\(detail)', not '\(reason)'")
        for connection in [first, second] {
            let expected = connection.name == first.name ? 2 : 0
            let gateway = plan.gateway.instances[0].node
            try expectEqual(try lab.associations(of: connection, at: gateway).count, expected, "\(connection.name)'s SAs at the gateway")
            try expectEqual(
                try lab.associations(of: connection, at: connection.site).count, expected, "\(connection.name)'s SAs at the site")
        }
    }
}

// MARK: - Rehearsals

private func rehearsalIsEncrypted(_ plan: LabPlan) throws {
    try StandingLab.with(plan.shortened()) { lab in
        try lab.bringUp()
        let result = try lab.rehearse()
        try expectEqual(result.encryption.verdict, .encrypted, "the audit (\(result.encryption.reasons))")
        try expectEqual(result.encryption.clearText, 0, "clear probes")
        // Before the reset everything arrived, and is accounted for packet by packet.
        for flow in result.encryption.flows { try expect(flow.arrived > 100, "\(flow.connection): only \(flow.arrived) arrived") }
        try expect(result.events.contains { $0.kind == "reset-requested" }, "no reset")
    }
}

/// One site and the active instance lose their policies, and the internet learns the way to their prefixes: their probes cross in clear.
/// That nothing is lost must not hide it.
private func clearTextFailsTheAudit(_ plan: LabPlan) throws {
    let connection = try plan.connections.lossless(in: plan)
    let gateway = plan.gateway.instances[0].node
    try StandingLab.with(plan.shortened()) { lab in
        try lab.bringUp()
        for node in [connection.site, gateway] {
            let policies = try lab.node(node).security?.policies() ?? []
            for policy in policies where connection.isProtected(by: policy) { try lab.node(node).security?.delete(policy.id) }
        }
        for selectors in connection.gatewaySide.selectors {
            for (prefix, nextHop) in [(selectors.site, connection.siteAddress), (selectors.gateway, connection.tunnels[0].gatewayAddress)] {
                try lab.node(LabPlan.internet).network.apply(
                    .addRoute(RouteEntry(to: prefix, via: nextHop, on: plan.internetInterface(towards: nextHop), preferredSource: nil)))
            }
        }
        let result = try lab.rehearse()
        try expectEqual(result.encryption.verdict, .clear, "the audit")
        try expect(result.encryption.clearText > 100, "only \(result.encryption.clearText) clear probes were seen")
        for flow in result.encryption.flows where flow.connection == connection.name {
            try expectEqual(flow.sealed, 0, "sealed packets of a connection without policies")
            try expect(flow.arrived > 100, "only \(flow.arrived) probes arrived, in clear")
        }
        for flow in result.encryption.flows where flow.connection != connection.name {
            try expect(flow.arrived <= flow.opened, "the other connection is as encrypted as before: \(flow)")
        }
    }
}

// MARK: - What they need of the plan

extension LabPlan {
    /// Fifteen seconds of probes before the reset, and as few as show what is to be shown.
    fileprivate func shortened() -> LabPlan {
        var plan = self
        plan.rehearsal.duration = .seconds(16)
        plan.rehearsal.steps = [RehearsalStep(.at(.seconds(15)), .perform(.resetGateway(address: nil)))]
        plan.rehearsal.probeRate = 20
        return plan
    }

    /// The internet's interface by which it has a route to an address of the lab, the longest prefix first.
    fileprivate func internetInterface(towards address: IPAddress) throws -> String {
        let routes = routes.filter { $0.node == LabPlan.internet && $0.destination.contains(address) }
        guard let route = routes.max(by: { $0.destination.length < $1.destination.length }) else {
            throw Failure(description: "the internet has no route to \(address)")
        }
        return route.interface
    }
}

extension [ConnectionPlan] {
    /// The first connection whose site loses no packet at random.
    fileprivate func lossless(in plan: LabPlan) throws -> ConnectionPlan {
        let found = first { connection in
            plan.links.filter { $0.ends.contains { $0.node == connection.site } }.flatMap(\.ends).allSatisfy {
                ($0.impairment?.loss ?? 0) == 0
            }
        }
        guard let found else { throw Failure(description: "every site of the plan has loss") }
        return found
    }
}

extension ConnectionPlan {
    fileprivate func isProtected(by policy: SecurityPolicy) -> Bool {
        gatewaySide.selectors.contains { Set([$0.site, $0.gateway]) == Set([policy.selector.source, policy.selector.destination]) }
    }
}

extension StandingLab {
    /// A connection's SAs in a node.
    fileprivate func associations(of connection: ConnectionPlan, at node: Int) throws -> [SecurityAssociation] {
        try self.node(node).security?.associations().map(\.association).filter { $0.requestID == connection.requestID } ?? []
    }
}

extension [SecurityAssociation.ID] {
    /// In an order of their own, for comparing.
    fileprivate var sorted: [String] { map { "\($0.spi) to \($0.destination)" }.sorted() }
}
