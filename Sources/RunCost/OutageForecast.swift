import Gateway
import LabPlan

/// Which part of a rehearsal's probes will find no way, as far as the plan tells: the gateway's own state machine is run through the steps, and cut
/// links are added. What chance adds, such as a key exchange that is lost and sent again, is left out.
struct OutageForecast {
    /// From 0 to 1, over all connections.
    let darkPart: Double

    /// What tunnels take to come up, for want of anything better: the delays of a few round trips.
    private static let settling: Int64 = 200_000_000

    init(_ plan: LabPlan) {
        let end = plan.rehearsal.duration.nanoseconds
        guard end > 0 else {
            darkPart = 0
            return
        }
        let steps = Self.times(of: plan)
        let gateway = Self.darkTime(plan, steps, until: end)
        // Of an active-active gateway the other instance's sites go on.
        var dark = Double(gateway) / Double(end) * (plan.gateway.isActiveActive ? 0.5 : 1)
        let connections = Double(max(1, plan.connections.count))
        for (time, action) in steps {
            let cut: Int64
            switch action {
            case .cutLink(_, let duration): cut = duration?.nanoseconds ?? end
            case .flapLink(_, let down, _, let times): cut = down.nanoseconds * Int64(times)
            default: continue
            }
            dark += Double(min(cut, max(0, end - time))) / Double(end) / connections
        }
        darkPart = min(1, dark)
    }

    /// When each action begins. A step that waits for another's event is taken to wait as long as a failover takes.
    private static func times(of plan: LabPlan) -> [(at: Int64, action: LabAction)] {
        var time: Int64 = 0
        var last = plan.timing.reset
        var times: [(at: Int64, action: LabAction)] = []
        for step in plan.rehearsal.steps {
            switch step.start {
            case .at(let offset): time = max(time, offset.nanoseconds)
            case .next(let pause): time += pause.nanoseconds
            case .after(_, let pause): time += (last.detection + last.takeover + pause).nanoseconds
            }
            guard case .perform(let action) = step.action else { continue }
            if let trigger = action.trigger { last = plan.timing.failover(after: trigger) }
            times.append((time, action))
        }
        return times
    }

    private enum Input {
        case gateway(GatewayInput)
        case action(LabAction)
    }

    private static func darkTime(_ plan: LabPlan, _ steps: [(at: Int64, action: LabAction)], until end: Int64) -> Int64 {
        var machine = GatewayMachine(plan: plan)
        // Brought up long before the measured part begins.
        var pending: [(at: Int64, input: Input)] = [(Int64.min / 2, .gateway(.start))] + steps.map { ($0.at, .action($0.action)) }
        var (dark, time) = (Int64(0), Int64(0))
        // The bound is for a machine that would set timers for ever.
        for _ in 0..<100_000 {
            guard let next = pending.indices.min(by: { (pending[$0].at, $0) < (pending[$1].at, $1) }), pending[next].at < end else { break }
            let (now, input) = pending.remove(at: next)
            if now > time {
                if !machine.isForwarding { dark += now - time }
                time = now
            }
            for action in machine.handle(gatewayInput(input, machine)).actions {
                switch action {
                case .startTimer(let timer, let delay): pending.append((now + delay.nanoseconds, .gateway(.timerFired(timer))))
                case .startTunnels(let instance): pending.append((now + settling, .gateway(.tunnelsSettled(instance))))
                default: break
                }
            }
        }
        return dark + (machine.isForwarding ? 0 : max(0, end - time))
    }

    /// What the gateway gets to know; `.start`, which it ignores, for actions that are none of its business.
    private static func gatewayInput(_ input: Input, _ machine: GatewayMachine) -> GatewayInput {
        func named(_ choice: InstanceChoice) -> InstanceID? {
            switch choice {
            case .active: nil
            case .standby: InstanceID.allCases.first { !machine.activeInstances.contains($0) }
            case .index(let index): InstanceID.allCases.indices.contains(index) ? InstanceID.allCases[index] : nil
            }
        }
        switch input {
        case .gateway(let input): return input
        case .action(.resetGateway): return .restart(.reset, nil)
        case .action(.failInstance(let choice)): return .restart(.failure, named(choice))
        case .action(.maintainInstance(let choice)): return .restart(.maintenance, named(choice))
        case .action: return .start
        }
    }
}

extension Duration {
    /// Whole nanoseconds, cut off.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
