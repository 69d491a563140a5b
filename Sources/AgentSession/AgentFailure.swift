import AgentProtocol
import Glibc

/// Why an agent cannot be worked with any more.
public enum AgentFailure: Error, CustomStringConvertible {
    /// No sign of life by the deadline.
    case neverReady(after: Duration, diagnosis: String)
    /// Not a word for this long, after it had begun.
    case silent(for: Duration, diagnosis: String)
    /// The agent ended before it had answered everything.
    case ended(diagnosis: String)
    /// It speaks another version of the protocol, or none.
    case notUnderstood(String)
    /// The user ended it: SIGINT or SIGTERM.
    case interrupted(signal: Int32)
    /// The answer to a request was a failure.
    case refused(AgentMessage.Failure)

    public var description: String {
        switch self {
        case .neverReady(let after, let diagnosis):
            "the agent gave no sign of life within \(after.components.seconds) s\(Self.tail(diagnosis))"
        case .silent(let silence, let diagnosis):
            "the agent has said nothing for \(silence.components.seconds) s\(Self.tail(diagnosis))"
        case .ended(let diagnosis): "the agent ended before it was done\(Self.tail(diagnosis))"
        case .notUnderstood(let what): "the agent's message is not understood: \(what)"
        case .interrupted(let signal): "ended by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"
        case .refused(let failure): failure.message
        }
    }

    private static func tail(_ diagnosis: String) -> String { diagnosis.isEmpty ? "" : "; its last words:\n\(diagnosis)" }
}
