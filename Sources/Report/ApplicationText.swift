import Measurement

/// What one application went through, in words for tables: messages in one direction, or requests.
struct ApplicationText {
    var connection: String
    /// `messages to gateway`, `requests`.
    var kind: String
    /// `1198 of 1200`, and what became of the others.
    var delivered: String
    var lost: String
    var longestStall: String
    /// Of the network in the same direction, or in either, to hold beside it.
    var outage: String
    var retransmissions: String
    var breaks: String
    var isBad: Bool
    var stalls: [RehearsalReport.Application.Stall]

    /// All applications of a connection.
    static func all(of application: RehearsalReport.Application, in report: RehearsalReport) -> [ApplicationText] {
        let flows = report.flows.filter { $0.connection == application.connection }
        let messages = application.messages.map { messages in
            ApplicationText(
                connection: application.connection, kind: "messages \(messages.direction.shortName)",
                delivered: "\(messages.delivered) of \(messages.due)", lost: "\(messages.lost + messages.unsent)",
                longestStall: words(messages.longestStall),
                outage: outage(of: flows.filter { $0.direction == messages.direction }), retransmissions: "\(messages.retransmissions)",
                breaks: words(application.breaks), isBad: messages.longestStall != nil || messages.lost + messages.unsent > 0,
                stalls: messages.stalls)
        }
        let requests = application.requests
        return messages + [
            ApplicationText(
                connection: application.connection, kind: "requests",
                delivered: "\(requests.answered) of \(requests.answered + requests.failed + requests.open)", lost: "\(requests.failed)",
                longestStall: words(requests.longestStall), outage: outage(of: flows), retransmissions: "\(requests.retransmissions)",
                breaks: words(requests.breaks), isBad: requests.longestStall != nil || requests.failed > 0, stalls: requests.stalls)
        ]
    }

    static func words(_ stall: RehearsalReport.Application.Stall?) -> String {
        guard let stall else { return "none" }
        let length = Seconds(nanoseconds: stall.length.nanoseconds).text(decimals: 3) + " s"
        return stall.end == nil ? "\(length), open" : length
    }

    private static func outage(of flows: [RehearsalReport.Flow]) -> String {
        guard let worst = flows.max(by: { $0.outage.frameLoss < $1.outage.frameLoss }) else { return "" }
        return OutageText(worst.outage).byLoss
    }

    private static func words(_ breaks: [RehearsalReport.Application.Break]) -> String {
        let shown = breaks.prefix(3).map { ($0.times > 1 ? "\($0.times) × " : "") + $0.reason }.joined(separator: ", ")
        return shown + (breaks.count > 3 ? " and \(breaks.count - 3) more" : "")
    }
}

extension RehearsalReport {
    /// What the numbers of applications mean; nil where none ran.
    var applicationMethod: String? {
        guard let settings = rehearsal.applications else { return nil }
        let patience = settings.userTimeout.map { "gives up after \($0.shortText) s (user timeout)" } ?? "has the system's patience"
        return """
            A TCP connection that stays open, with a message of \(settings.messageSize) bytes \(Self.rate(settings.messageRate)) in each direction, and \
            requests of \(settings.requestSize) bytes with answers of \(settings.answerSize) \(Self.rate(settings.requestRate)), given up after \
            \(settings.requestTimeout.shortText) s in line or without an answer. TCP \(patience). A stall is a pause of more than three times the interval.
            """
    }

    private static func rate(_ rate: Double) -> String {
        rate == rate.rounded() ? "\(Int(rate)) times a second" : "\(rate) times a second"
    }
}
