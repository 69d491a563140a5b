import LabPlan
import Measurement

/// Holds what a rehearsal's author expects against what was measured.
struct ExpectationEvaluation {
    private let lab: LabPlan
    private let result: RehearsalResult
    /// When the first step disrupted something, in nanoseconds since the measured part's start; nil when none did.
    private let disruption: Int64?

    init(lab: LabPlan, result: RehearsalResult) {
        self.lab = lab
        self.result = result
        disruption = result.events.first { Self.disruptions.contains($0.kind) }?.at
    }

    /// The events with which steps disrupt a lab.
    private static let disruptions = Breakdown.triggers.union(["announcement-dropped"])

    var expectations: [Expectation] { lab.rehearsal.expectations.map(evaluate) }

    // MARK: - One expectation

    /// What was found, and its value to compare; nil for what meets no bound.
    private struct Finding {
        var value: Int64?
        var text: String
    }

    private func evaluate(_ plan: ExpectationPlan) -> Expectation {
        let finding = find(plan.quantity)
        let bound: Int64 =
            switch plan.value {
            case .duration(let duration): Seconds(duration).nanoseconds
            case .count(let count): Int64(count)
            }
        let holds = finding.value.map { plan.comparison.holds($0, bound) } ?? false
        return Expectation(text: plan.text, holds: holds, found: finding.text)
    }

    private func find(_ quantity: ExpectationPlan.Quantity) -> Finding {
        switch quantity {
        case .outage(let scope): open(scope) ?? longestOutage(of: flows(in: scope))
        case .lost(let scope): open(scope) ?? lost(of: flows(in: scope))
        case .recovery(let scope): open(scope) ?? longestRecovery(of: flows(in: scope))
        case .unexplained: unexplained
        case .stall(let scope): longestStall(scope)
        case .failedRequests(let scope): failedRequests(scope)
        }
    }

    private func flows(in scope: ExpectationPlan.Scope) -> [FlowResult] {
        let connection = scope.connection.map(lab.connectionName)
        return result.flows.filter { flow in
            (connection == nil || flow.connection == connection) && (scope.direction == nil || flow.direction.rawValue == scope.direction)
        }
    }

    // MARK: - Quantities

    /// An outage that was not seen to end has neither a length nor a recovery, and its losses are not all counted.
    private func open(_ scope: ExpectationPlan.Scope) -> Finding? {
        let flows = flows(in: scope)
        if flows.isEmpty { return Finding(value: nil, text: "nothing was measured") }
        if let open = flows.first(where: { $0.outage.state == .notRecovered }) {
            return Finding(value: nil, text: "\(open.name) had not recovered at the end")
        }
        return flows.first { $0.outage.state == .unconfirmed }.map {
            Finding(value: nil, text: "\($0.name): the measurement ended before its recovery was seen to hold")
        }
    }

    /// By the frame-loss method.
    private func longestOutage(of flows: [FlowResult]) -> Finding {
        longest(of: flows, \.outage.frameLoss) { Seconds(nanoseconds: $0).shortText }
    }

    private func lost(of flows: [FlowResult]) -> Finding {
        let lost = flows.reduce(0) { $0 + $1.outage.lost }
        let background = flows.reduce(0) { $0 + $1.outage.backgroundLost }
        let remark = background > 0 ? ", and \(background) outside of outages" : ""
        return Finding(value: Int64(lost), text: (lost == 1 ? "1 probe" : "\(lost) probes") + remark)
    }

    private func longestRecovery(of flows: [FlowResult]) -> Finding {
        guard flows.contains(where: { $0.outage.state != .none }) else { return Finding(value: 0, text: "no outage") }
        guard let disruption else { return Finding(value: nil, text: "an outage, but no step disrupted anything") }
        // Milliseconds are finer than any probes are apart.
        return longest(of: flows) { flow in
            flow.outage.recovery.map { max($0 - disruption, 0) } ?? 0
        } text: {
            Seconds(nanoseconds: $0).text(decimals: 3)
        }
    }

    private func longest(of flows: [FlowResult], _ length: (FlowResult) -> Int64, text: (Int64) -> String) -> Finding {
        guard let worst = flows.filter({ $0.outage.state != .none }).max(by: { length($0) < length($1) }) else {
            return Finding(value: 0, text: "no outage")
        }
        let found = "\(text(length(worst))) s (\(worst.name))"
        return Finding(value: length(worst), text: flows.count == 1 ? found : "the longest is \(found)")
    }

    private func applications(in scope: ExpectationPlan.Scope) -> [ApplicationResult] {
        let connection = scope.connection.map(lab.connectionName)
        return (result.applications ?? []).filter { connection == nil || $0.connection == connection }
    }

    private func longestStall(_ scope: ExpectationPlan.Scope) -> Finding {
        let flows = applications(in: scope).flatMap { application in
            application.messages.filter { scope.direction == nil || $0.direction.rawValue == scope.direction }.map {
                (name: "\(application.connection), \($0.direction.rawValue)", flow: $0)
            }
        }
        if flows.isEmpty { return Finding(value: nil, text: "nothing was measured") }
        if let open = flows.first(where: { $0.flow.stalls.last.map { $0.end == nil } ?? false }) {
            return Finding(value: nil, text: "\(open.name): no message came any more at the end")
        }
        let stalls = flows.flatMap { name, flow in flow.stalls.map { (name, $0.length(until: 0)) } }
        guard let worst = stalls.max(by: { $0.1 < $1.1 }) else { return Finding(value: 0, text: "no stall") }
        return Finding(value: worst.1, text: "the longest is \(Seconds(nanoseconds: worst.1).text(decimals: 3)) s (\(worst.0))")
    }

    private func failedRequests(_ scope: ExpectationPlan.Scope) -> Finding {
        let applications = applications(in: scope)
        if applications.isEmpty { return Finding(value: nil, text: "nothing was measured") }
        let failed = applications.reduce(0) { $0 + $1.requests.failed }
        let all = applications.reduce(0) { $0 + $1.requests.failed + $1.requests.answered }
        return Finding(value: Int64(failed), text: "\(failed) of \(all) requests")
    }

    private var unexplained: Finding {
        let lost = result.flows.reduce(0) { $0 + $1.lost }
        let unexplained = lost - result.ledger.reduce(0) { $0 + $1.allocated }
        return Finding(value: Int64(unexplained), text: "\(unexplained) of \(lost) lost probes")
    }
}

extension ExpectationPlan.Comparison {
    fileprivate func holds(_ value: Int64, _ bound: Int64) -> Bool {
        switch self {
        case .less: value < bound
        case .atMost: value <= bound
        case .equal: value == bound
        case .atLeast: value >= bound
        case .more: value > bound
        }
    }
}

extension FlowResult {
    fileprivate var name: String { "\(connection), \(direction.rawValue)" }
}
