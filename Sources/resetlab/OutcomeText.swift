import AgentProtocol
import Measurement
import Report

/// An action's outcome for a terminal: what the real service does not tell.
struct OutcomeText {
    private let outcome: ActionOutcome
    private let title: String
    private let style = TerminalStyle.standardOutput

    init(_ outcome: ActionOutcome, title: String) {
        self.outcome = outcome
        self.title = title
    }

    /// Ends with a newline.
    var text: String {
        let verdict =
            outcome.succeeded
            ? style.apply(.good, to: "\(title) succeeded.")
            : style.apply(.bad, to: "\(title) did not succeed\(outcome.reason.map { ": \($0)" } ?? "").")
        let facts = [
            "  what   \(outcome.subject)", "  began  \(WallClock.text(outcome.beganWallClock))",
            "  took   \(WallClock.span(outcome.ended - outcome.began))",
        ]
        return ([verdict] + facts + costs).joined(separator: "\n") + "\n"
    }

    private var costs: [String] {
        guard !outcome.costs.isEmpty else { return ["  cost   not one probe was lost"] }
        var table = TerminalTable(columns: [
            .init(title: "Connection", alignment: .left), .init(title: "Direction", alignment: .left),
            .init(title: "Sent", alignment: .right), .init(title: "Lost", alignment: .right), .init(title: "Outage", alignment: .right),
            .init(title: "", alignment: .left),
        ])
        for cost in outcome.costs {
            table.append([
                .init(cost.connection), .init(cost.direction.words), .init("\(cost.sent)"), .init("\(cost.lost)"),
                .init(WallClock.span(cost.outage)), .init(remark(cost), cost.state == .notRecovered ? .bad : .plain),
            ])
        }
        return table.lines(style: style)
    }

    private func remark(_ cost: ActionOutcome.Cost) -> String {
        switch cost.state {
        case .none: "no outage"
        case .recovered: "recovered"
        case .unconfirmed: "recovered, not yet for long"
        case .notRecovered: "not recovered"
        }
    }
}

extension FlowDirection {
    var words: String {
        switch self {
        case .toGateway: "to gateway"
        case .toSite: "to site"
        }
    }
}

/// An action's outcome for scripts.
struct OutcomeSummary: Encodable {
    struct Cost: Encodable {
        var connection: String
        var direction: String
        var sent: Int
        var lost: Int
        var outageSeconds: Seconds
        var state: String
    }

    var schema = "resetlab.outcome/1"
    var action: String
    var succeeded: Bool
    var reason: String?
    var subject: String
    var began: String
    var tookSeconds: Seconds
    var costs: [Cost]

    init(_ outcome: ActionOutcome, action: String) {
        self.action = action
        succeeded = outcome.succeeded
        reason = outcome.reason
        subject = outcome.subject
        began = WallClock.text(outcome.beganWallClock)
        tookSeconds = Seconds(nanoseconds: outcome.ended - outcome.began)
        costs = outcome.costs.map {
            Cost(
                connection: $0.connection, direction: $0.direction.rawValue, sent: $0.sent, lost: $0.lost,
                outageSeconds: Seconds(nanoseconds: $0.outage), state: $0.state.rawValue)
        }
    }
}
