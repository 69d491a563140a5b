import AgentProtocol
import ArgumentParser
import LabKeeper
import LabPlan
import Measurement

/// The options of every command that does something to a lab.
struct ActionOptions: ParsableArguments {
    @OptionGroup var lab: LabOption

    @Flag(help: "Return as soon as the lab has been asked; what comes of it is seen by resetlab status and resetlab health.")
    var noWait = false

    @Option(help: "How the outcome is printed.")
    var format: TextOrJSON = .text

    @Flag(help: "Show no progress, also on a terminal.")
    var quiet = false

    /// Does it, and tells what came of it.
    ///
    /// - Parameter title: what was done, for people: `Reset of VNet1GW`.
    /// - Throws: `ExitCode` 1 when it did not succeed.
    func perform(_ action: LabAction, _ title: String, in client: LabClient) throws {
        if noWait {
            try telling {
                _ = try client.request(.perform(action))
                // Requests are taken in order: once this is answered, the one before has reached the agent.
                _ = try client.ask(.status)
            }
            return print("\(title) was asked for.")
        }
        let outcome = try telling { try wait(for: action, title, in: client) }
        switch format {
        case .text: print(OutcomeText(outcome, title: title).text, terminator: "")
        case .json: try printJSON(OutcomeSummary(outcome, action: title))
        }
        if !outcome.succeeded { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }

    private func wait(for action: LabAction, _ title: String, in client: LabClient) throws -> ActionOutcome {
        let progress = ProgressLine(isWanted: !quiet)
        defer { progress.clear() }
        progress.show("\(title): asked for")
        client.eventsReceived = { events in
            for event in events.map(\.event) { progress.show("\(title): \(event.words)") }
        }
        // From now on: no event has such a number.
        _ = try client.request(.events(after: Int.max - 1, following: true))
        guard case .performed(let outcome) = try client.ask(.perform(action)) else {
            throw CommandFailure(.failed, "the lab answered with something else than an outcome")
        }
        return outcome
    }
}

extension TimelineEvent {
    /// `key exchange started VNet1toTokyo (gateway-1)`.
    var words: String { "\(kind.split(separator: "-").joined(separator: " ")) \(subject)\(detail.map { " (\($0))" } ?? "")" }
}
