import LabPlan

/// What a rehearsal consists of, counted from its plan: all that its cost depends on besides the machine.
public struct RunWork: Codable, Sendable, Equatable {
    /// A kind of work, each unit of which costs the same (`CostModel`).
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The gateway, the internet, the virtual network, the report: 1 in every rehearsal.
        case lab
        case site
        /// One for each tunnel to come up, again after each restart, reset, and when lifetimes end.
        case keyExchange = "key-exchange"
        /// Something that is done to the gateway or a connection: its counters are read before and after.
        case action
        /// Probes that find their way.
        case arrivingProbe = "arriving-probe"
        /// Probes that are sent into an outage.
        case lostProbe = "lost-probe"
        /// A kibibyte of arriving probes' payload beyond `leastPayload`.
        case payload
        /// Timers that expire because of probes: to send some, or to let go what was delayed on a link.
        case timer
        /// A second of virtual time.
        case second
        /// A second in which one connection is used by applications.
        case applicationSecond = "application-second"
        /// A drop that the kernel is asked the reason of.
        case dropReason = "drop-reason"
    }

    public private(set) var counts: [Kind: Double] = [:]

    /// What a probe's cost has in it already, in bytes.
    static let leastPayload = 64
    /// Until the measured part begins and after it: coming up, the announcements, the next multiple of 5 s, and what is still under way.
    static let secondsAround = 8.0
    /// Seconds: dead peer detection's 45 and the 15 between two of its requests (`DeadPeerDetection.standard`).
    static let untilPeerIsDead = 60.0

    /// Of this kind; 0 where there is none.
    public subscript(kind: Kind) -> Double { counts[kind] ?? 0 }

    public init(_ plan: LabPlan) {
        let rehearsal = plan.rehearsal
        let duration = rehearsal.duration.inSeconds
        let dark = OutageForecast(plan).darkPart
        let turns = (rehearsal.probeRate * duration).rounded(.up)
        let probes = 2 * Double(plan.connections.count) * turns
        let lost = (probes * dark).rounded()
        let schedule = SendingSchedule(plan)

        counts[.lab] = 1
        counts[.site] = Double(plan.nodes.count { $0.kind == .site })
        counts[.keyExchange] = Self.keyExchanges(plan)
        counts[.action] = Double(rehearsal.steps.count { if case .perform = $0.action { true } else { false } })
        counts[.arrivingProbe] = probes - lost
        counts[.lostProbe] = lost
        counts[.payload] = (probes - lost) * Double(max(0, rehearsal.probePayload - Self.leastPayload)) / 1_024
        // Into an outage the sites go on sending, until they find out that nobody answers.
        let toTheGateway = rehearsal.probeRate * min(dark * duration, Self.untilPeerIsDead) / 2
        counts[.timer] = turns * Double(schedule.sends) + (turns * (1 - dark) + toTheGateway) * Double(schedule.deliveries)
        counts[.second] = duration + Self.secondsAround
        if rehearsal.applications != nil { counts[.applicationSecond] = duration * Double(plan.connections.count) }
        if rehearsal.wantsDropReasons { counts[.dropReason] = lost }
    }

    private static func keyExchanges(_ plan: LabPlan) -> Double {
        let all = plan.connections.reduce(0) { $0 + $1.tunnels.count }
        var count = Double(all)
        for case .perform(let action) in plan.rehearsal.steps.map(\.action) {
            if case .resetConnection(let connection) = action {
                count += Double(plan.connections[connection].tunnels.count)
            } else if action.trigger != nil {
                // Of an active-active gateway, the tunnels of one instance.
                count += Double(all) * (plan.gateway.isActiveActive ? 0.5 : 1)
            }
        }
        for connection in plan.connections {
            let lifetime = min(connection.siteSide.policy.lifetime, connection.gatewaySide.policy.lifetime).inSeconds
            count += Double(connection.tunnels.count) * (plan.rehearsal.duration.inSeconds / lifetime).rounded(.down)
        }
        return count
    }

    /// Probes that are sent, whether they arrive or not.
    public var probes: Double { self[.arrivingProbe] + self[.lostProbe] }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
