import Addressing
import LabPlan

extension Rehearsal {
    /// Works the rehearsal out for a lab: what its names mean there.
    ///
    /// - Throws: Every name that the lab does not have, where it stands in the rehearsal's file.
    public func plan(in lab: LabPlan) throws(TopologyErrors) -> RehearsalPlan {
        var resolver = RehearsalResolver(lab: lab, reading: reading)
        let steps = (entry.steps?.value ?? []).compactMap { resolver.step($0) }
        let expectations = (entry.expectations ?? []).compactMap { resolver.expectation($0) }
        guard resolver.reading.diagnostics.isEmpty else { throw TopologyErrors(resolver.reading.diagnostics) }
        return RehearsalPlan(
            name: name, duration: entry.duration?.value ?? RehearsalRule.standardDuration, steps: steps,
            probeRate: entry.probes?.rate ?? RehearsalRule.standardProbeRate,
            probePayload: entry.probes?.payload ?? RehearsalRule.standardProbePayload, expectations: expectations,
            applications: entry.applications?.plan)
    }
}

/// Finds what a rehearsal names in a lab.
private struct RehearsalResolver {
    let lab: LabPlan
    var reading: Reading

    /// Stands for the first connection, or the first site's link, whatever it is called.
    private static let first = "first"

    mutating func step(_ step: StepEntry) -> RehearsalStep? {
        guard let written = step.action, let action = action(written) else { return nil }
        let start: RehearsalStep.Start =
            if let at = step.at {
                .at(at.value)
            } else if let after = step.after {
                .after(event: after.value, by: step.by?.value ?? .zero)
            } else {
                .next(after: .zero)
            }
        return RehearsalStep(start, action)
    }

    private mutating func action(_ action: StepEntry.Action) -> RehearsalStep.Action? {
        switch action {
        case .resetGateway(nil): .perform(.resetGateway(address: nil))
        case .resetGateway(let address?): self.address(address).map { .perform(.resetGateway(address: $0)) }
        case .resetConnection(let name):
            connection(name.value, at: reading.position(of: name.path), name.path).map { .perform(.resetConnection($0)) }
        case .failInstance(let choice): instance(choice).map { .perform(.failInstance($0)) }
        case .maintainInstance(let choice): instance(choice).map { .perform(.maintainInstance($0)) }
        case .cutLink(let name, let duration): link(name).map { .perform(.cutLink($0, for: duration)) }
        case .restoreLink(let name): link(name).map { .perform(.restoreLink($0)) }
        case .flapLink(let name, let down, let up, let times):
            link(name).map { .perform(.flapLink($0, down: down, up: up, times: times)) }
        case .impairLink(let name, let impairment, let direction, let duration):
            link(name).map { .perform(.impairLink($0, impairment.impairment ?? Impairment(), direction, for: duration)) }
        case .dropAnnouncements(let count): .perform(.dropAnnouncements(count))
        case .waitUntilRecovered(let limit): .waitUntilRecovered(limit: limit.value)
        }
    }

    // MARK: - Names

    private mutating func address(_ address: Written<IPAddress>) -> IPAddress? {
        let gateway = lab.gateway
        let known = gateway.isActiveActive ? gateway.instances.flatMap(\.addresses) : gateway.virtualAddresses
        if known.contains(address.value) { return address.value }
        reading.report(
            address.path, found: "\(address.value), no address of \(gateway.name)", allowed: alternatives(known.map(\.description)))
        return nil
    }

    private mutating func instance(_ choice: Written<InstanceChoice>) -> InstanceChoice? {
        guard lab.gateway.isActiveActive, choice.value == .standby else { return choice.value }
        reading.report(
            choice.path, found: "standby, of an active-active gateway",
            allowed: alternatives(["active"] + lab.gateway.instances.map(\.name)))
        return nil
    }

    private mutating func connection(_ name: String, at position: Position, _ path: String) -> Int? {
        if let index = lab.connection(named: name) { return index }
        if name == Self.first { return lab.connections.indices.first }
        let connections = lab.connections.map(\.name)
        let sites = lab.connections.map { lab.nodes[$0.site].name }
        reading.report(
            at: position, path, found: "\(quoted(name)), no connection and no site of \(lab.topology)" + hint(name, connections + sites),
            allowed: "the connections \(list(connections)), or their sites \(list(sites))")
        return nil
    }

    private mutating func link(_ name: Written<String>) -> Int? {
        if let index = lab.link(named: name.value) { return index }
        if name.value == Self.first, let site = lab.connections.first?.site {
            return lab.links.firstIndex { $0.b.node == site }
        }
        reading.report(
            name.path, found: "\(quoted(name.value)), no link of \(lab.topology)" + hint(name.value, lab.linkNames),
            allowed: list(lab.linkNames))
        return nil
    }

    private func hint(_ name: String, _ known: [String]) -> String {
        likelyMeant(name, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Not a thousand of them.
    private func list(_ names: [String]) -> String {
        let most = 8
        return names.count <= most ? alternatives(names) : names.prefix(most).joined(separator: ", ") + " and \(names.count - most) more"
    }

    // MARK: - Expectations

    mutating func expectation(_ entry: ExpectationEntry) -> ExpectationPlan? {
        var scope = ExpectationPlan.Scope(direction: entry.direction)
        if let name = entry.name {
            guard let connection = connection(name.text, at: entry.position(of: name.offset), entry.path) else { return nil }
            scope.connection = connection
        }
        return ExpectationPlan(
            text: entry.text, quantity: entry.kind.quantity(scope), comparison: entry.comparison, value: entry.value)
    }
}
