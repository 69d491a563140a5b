/// Turns what happened in a lab into the gateway's and the connections' health history, as the service's Resource Health tells it.
///
/// Availability is what a user of the gateway has of it:
///
/// | resource | Unavailable | Degraded | Available |
/// |---|---|---|---|
/// | gateway | nobody holds its address: from the trigger (a reset's request, the active instance's end) until the standby took over; active-active: both instances are away | taken over, but not every connection that was up before is back; active-active: one instance is away | otherwise. A missing standby changes nothing that a user would see |
/// | connection | its gateway is unavailable or has taken over without its tunnel; its tunnel is down, its peer dead, its key exchange failed, it is being reset, its site's line is cut | active-active: one of its two tunnels is away | otherwise |
///
/// A new trigger (a second reset) makes an entry of its own even where the availability stays.
public struct HealthHistory: Sendable {
    /// A connection, and the link whose cut takes it away.
    public struct Connection: Sendable, Equatable {
        public var name: String
        /// The link of its site; nil where that is not known.
        public var link: String?

        public init(name: String, link: String? = nil) {
            self.name = name
            self.link = link
        }
    }

    private struct Trigger: Equatable {
        var reason: String
        var cause: HealthEntry.Cause?
        var isPlanned: Bool?
    }

    /// What keeps a connection from being available.
    private enum Problem: CaseIterable {
        case gateway
        case tunnel
        case link
    }

    private struct State {
        var availability = HealthEntry.Availability.available
        var problems: [Problem: Trigger] = [:]
    }

    private let gateway: String
    private var connections: [Connection]
    private let isActiveActive: Bool
    private let carriesSecurity: Bool

    private var indices: [String: Int]
    private var states: [State]
    private var gatewayAvailability = HealthEntry.Availability.available
    /// What was asked for or happened last, until it is finished.
    private var trigger: Trigger?
    /// What the gateway's last entry told.
    private var gatewayTrigger: Trigger?
    private var instancesAway: Set<String> = []
    /// Indices of the connections that were up before the takeover and are not back yet.
    private var missing: Set<Int> = []

    public var connectionCount: Int { connections.count }

    /// The lab has got more connections.
    public mutating func add(_ added: [Connection]) {
        for (index, connection) in added.enumerated() where indices[connection.name] == nil {
            indices[connection.name] = connections.count + index
        }
        connections += added
        states += added.map { _ in State() }
    }

    /// A connection is called otherwise from now on.
    public mutating func rename(_ index: Int, to name: String) {
        guard connections.indices.contains(index) else { return }
        if indices[connections[index].name] == index { indices[connections[index].name] = nil }
        connections[index].name = name
        indices[name] = index
    }

    /// - Parameters:
    ///   - carriesSecurity: whether the instance that takes over has the SAs already (`state-sync`, `same-spi`), so that no tunnel is agreed on anew.
    public init(gateway: String, connections: [Connection], isActiveActive: Bool = false, carriesSecurity: Bool = false) {
        self.gateway = gateway
        self.connections = connections
        self.isActiveActive = isActiveActive
        self.carriesSecurity = carriesSecurity
        indices = Dictionary(connections.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        states = connections.map { _ in State() }
    }

    /// The whole history of a list of events, in their order; closed entries, and an open last one of each resource that changed at all.
    ///
    /// - Parameter links: the connections' links, in the connections' order; empty where they are not known.
    public static func entries(
        of events: [TimelineEvent], gateway: String, connections: [String], links: [String] = [], isActiveActive: Bool = false,
        carriesSecurity: Bool = false
    ) -> [HealthEntry] {
        let connections = connections.enumerated().map { index, name in
            Connection(name: name, link: links.indices.contains(index) ? links[index] : nil)
        }
        var history = HealthHistory(
            gateway: gateway, connections: connections, isActiveActive: isActiveActive, carriesSecurity: carriesSecurity)
        return events.flatMap { history.entries(after: $0) }.closed
    }

    /// The entries that begin with an event; they are not closed.
    public mutating func entries(after event: TimelineEvent) -> [HealthEntry] {
        var entries: [HealthEntry] = []
        switch event.kind {
        case "reset-requested":
            let instance = event.detail.map { " (\($0))" } ?? ""
            trigger = Trigger(reason: "reset requested\(instance)", cause: .userInitiated)
            // The active instance ends a moment later; active-active, the other one goes on.
            if !isActiveActive { gatewayFell(at: event.at, into: &entries) }
        case "maintenance-started":
            trigger = Trigger(reason: "planned maintenance of \(event.detail ?? "an instance")", cause: .platformInitiated, isPlanned: true)
        case "instance-failed":
            trigger = Trigger(reason: "\(event.detail ?? "an instance") failed", cause: .platformInitiated, isPlanned: false)
        case "active-down": instanceFell(event.subject, at: event.at, into: &entries)
        case "gateway-down":
            gatewayFell(at: event.at, reason: "no instance forwards; \(trigger?.reason ?? "both are away")", into: &entries)
        case "standby-took-addresses": tookOver(event.subject, at: event.at, into: &entries)
        case "reset-finished", "maintenance-finished", "failure-finished": trigger = nil
        case "instance-back": instanceBack(event.subject, at: event.at, into: &entries)
        case "link-cut", "link-restored":
            for index in connections.indices where connections[index].link == event.subject {
                let problem = event.kind == "link-cut" ? Trigger(reason: "the line of \(event.subject) is cut") : nil
                change(index, .link, to: problem, because: "the line of \(event.subject) is back", at: event.at, into: &entries)
            }
        default: connectionEvent(event, into: &entries)
        }
        return entries
    }

    // MARK: - The gateway

    private mutating func instanceFell(_ instance: String, at time: Int64, into entries: inout [HealthEntry]) {
        instancesAway.insert(instance)
        guard isActiveActive else { return gatewayFell(at: time, into: &entries) }
        if instancesAway.count > 1 { return gatewayFell(at: time, into: &entries) }
        let trigger = trigger ?? Trigger(reason: "\(instance) is down", cause: .platformInitiated, isPlanned: false)
        setGateway(.degraded, trigger, at: time, into: &entries)
        for index in connections.indices {
            change(index, .gateway, to: trigger, because: "", at: time, into: &entries)
        }
    }

    private mutating func gatewayFell(at time: Int64, reason: String? = nil, into entries: inout [HealthEntry]) {
        var cause = trigger ?? Trigger(reason: "the active instance is down", cause: .platformInitiated, isPlanned: false)
        if let reason { cause.reason = reason }
        for index in connections.indices where states[index].problems.isEmpty { missing.insert(index) }
        setGateway(.unavailable, cause, at: time, into: &entries)
        for index in connections.indices { change(index, .gateway, to: cause, because: "", at: time, into: &entries) }
    }

    private mutating func tookOver(_ instance: String, at time: Int64, into entries: inout [HealthEntry]) {
        if isActiveActive { return }
        if carriesSecurity {
            for index in connections.indices {
                change(index, .gateway, to: nil, because: "\(instance) has taken over, with its SAs", at: time, into: &entries)
            }
            missing = []
        }
        guard gatewayAvailability != .available else { return }
        if missing.isEmpty {
            setGateway(.available, Trigger(reason: "\(instance) has taken over"), at: time, into: &entries)
        } else {
            let cause = Trigger(
                reason: "\(instance) has taken over; connections not back yet", cause: trigger?.cause, isPlanned: trigger?.isPlanned)
            setGateway(.degraded, cause, at: time, into: &entries)
        }
    }

    private mutating func instanceBack(_ instance: String, at time: Int64, into entries: inout [HealthEntry]) {
        instancesAway.remove(instance)
        guard isActiveActive else { return }
        if instancesAway.isEmpty {
            setGateway(.available, Trigger(reason: "\(instance) is back"), at: time, into: &entries)
        } else {
            setGateway(.degraded, trigger ?? Trigger(reason: "one instance is away"), at: time, into: &entries)
        }
        guard carriesSecurity else { return }
        for index in connections.indices {
            change(index, .gateway, to: nil, because: "\(instance) is back, with its SAs", at: time, into: &entries)
        }
    }

    private mutating func setGateway(
        _ availability: HealthEntry.Availability, _ trigger: Trigger, at time: Int64, into entries: inout [HealthEntry]
    ) {
        guard availability != gatewayAvailability || (availability == .unavailable && trigger != gatewayTrigger) else { return }
        gatewayAvailability = availability
        gatewayTrigger = trigger
        entries.append(
            HealthEntry(
                resource: gateway, kind: .gateway, since: time, availability: availability, reason: trigger.reason, cause: trigger.cause,
                isPlanned: trigger.isPlanned))
    }

    // MARK: - Connections

    private mutating func connectionEvent(_ event: TimelineEvent, into entries: inout [HealthEntry]) {
        guard let index = indices[event.subject] else { return }
        let detail = event.detail.map { ": \($0)" } ?? ""
        switch event.kind {
        case "connection-reset-requested":
            change(
                index, .tunnel, to: Trigger(reason: "reset requested", cause: .userInitiated), because: "", at: event.at, into: &entries)
        case "connection-changed", "connection-deleted":
            let reason = event.kind == "connection-deleted" ? "deleted at the gateway" : event.detail ?? "changed"
            change(index, .tunnel, to: Trigger(reason: reason, cause: .userInitiated), because: "", at: event.at, into: &entries)
        case "tunnel-down":
            change(index, .tunnel, to: Trigger(reason: "tunnel down\(detail)"), because: "", at: event.at, into: &entries)
        // No event of a lab's own: told by whoever sees it in the status.
        case "not-connected":
            change(index, .tunnel, to: Trigger(reason: "not connected"), because: "", at: event.at, into: &entries)
        case "peer-dead":
            change(index, .tunnel, to: Trigger(reason: "dead peer\(detail)"), because: "", at: event.at, into: &entries)
        case "key-exchange-failed":
            change(index, .tunnel, to: Trigger(reason: "key exchange failed\(detail)"), because: "", at: event.at, into: &entries)
        case "gateway-security-installed", "key-exchange-completed", "connection-reset-finished":
            isBack(index, at: event.at, into: &entries)
        default: break
        }
    }

    private mutating func isBack(_ index: Int, at time: Int64, into entries: inout [HealthEntry]) {
        change(index, .tunnel, to: nil, because: "connected", at: time, into: &entries)
        // A tunnel that is agreed on while nobody holds the address is none yet; active-active it is the other instance's.
        guard gatewayAvailability != .unavailable, !isActiveActive || instancesAway.isEmpty else { return }
        change(index, .gateway, to: nil, because: "connected", at: time, into: &entries)
        guard missing.remove(index) != nil, missing.isEmpty, !isActiveActive, gatewayAvailability == .degraded else { return }
        setGateway(.available, Trigger(reason: "every connection is back"), at: time, into: &entries)
    }

    /// Adds, replaces or takes away a problem of a connection's.
    private mutating func change(
        _ index: Int, _ problem: Problem, to trigger: Trigger?, because reason: String, at time: Int64, into entries: inout [HealthEntry]
    ) {
        let before = states[index].availability
        // What follows from a reset that a user asked for is that reset's.
        if let trigger, trigger.cause != .userInitiated, states[index].problems[problem]?.cause == .userInitiated, problem == .tunnel {
            return
        }
        states[index].problems[problem] = trigger
        let now = availability(of: states[index])
        states[index].availability = now
        // A user's own reset is told even of a connection that is away already.
        let isNewReset = trigger?.cause == .userInitiated && problem == .tunnel
        guard now != before || isNewReset else { return }
        let rest = Problem.allCases.compactMap { states[index].problems[$0] }.first
        let told = trigger ?? rest ?? Trigger(reason: reason)
        entries.append(
            HealthEntry(
                resource: connections[index].name, kind: .connection, since: time, availability: now, reason: told.reason,
                cause: told.cause, isPlanned: told.isPlanned))
    }

    private func availability(of state: State) -> HealthEntry.Availability {
        if state.problems.isEmpty { return .available }
        guard isActiveActive, gatewayAvailability != .unavailable, state.problems[.link] == nil,
            state.problems[.tunnel]?.cause != .userInitiated
        else { return .unavailable }
        return .degraded
    }
}
