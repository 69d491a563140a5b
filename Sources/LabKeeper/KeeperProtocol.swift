import AgentProtocol
import LabPlan
import Measurement
import Preflight

/// Raised whenever a message between a keeper and its clients changes its meaning or shape. That of the agent counts besides.
public let keeperProtocolVersion = 1

/// What a client asks of a lab's keeper: JSON Lines over the lab's socket, as between controller and agent.
///
/// Most requests are the agent's own. The keeper gives them numbers of its own on their way and the client's numbers back on the answers', so
/// that several clients work in one lab at a time.
public enum KeeperRequest: Codable, Sendable {
    /// Refused for what is the keeper's own to ask: building, tearing down, ending.
    case agent(AgentRequest)
    case keeper(id: Int, Operation)

    public enum Operation: Codable, Sendable {
        /// The kept health history, then, when following, each entry as it comes.
        case health(following: Bool)
        /// Every event with a higher number that is still known, then, when following, each one as it comes.
        case events(after: Int, following: Bool)
        /// The end of the guest's console, empty on the host; secrets are taken out, here and below.
        case console
        /// The end of the keeper's log, which is its agent's too.
        case log
        /// Both sides of a connection, or of each, side by side: the keeper has the keys to compare, and hands out none.
        case check(connection: Int?)
        /// Takes the lab down; answered when nothing of it is left.
        case down
    }

    public var id: Int {
        switch self {
        case .agent(let request): request.id
        case .keeper(let id, _): id
        }
    }
}

/// What a keeper says: `hello` and `description` to each client that comes, then answers and what was asked to be followed.
public enum KeeperMessage: Codable, Sendable {
    case hello(keeperProtocolVersion: Int, agentProtocolVersion: Int)
    case description(LabDescription)
    /// An answer, output or captured packets, with the client's own number; progress of whatever the client waits for.
    case agent(AgentMessage)
    case events(id: Int, [NumberedEvent])
    case health(id: Int, [HealthEntry])
    case answer(id: Int, Answer)
    /// The lab has gone, for this reason. The last message.
    case ended(String)

    public enum Answer: Codable, Sendable {
        /// Also the end of events and health that are not followed.
        case done
        case text(String)
        /// No key material is part of it.
        case checked([ConnectionCheck])
        case failed(AgentMessage.Failure)
    }
}

/// Something that happened in a lab.
public struct NumberedEvent: Codable, Sendable, Equatable {
    /// From 1, without gaps.
    public var number: Int
    /// When the keeper heard of it, by its own machine's clock: nanoseconds since 1970.
    public var wallClock: Int64
    public var event: TimelineEvent

    public init(number: Int, wallClock: Int64, event: TimelineEvent) {
        self.number = number
        self.wallClock = wallClock
        self.event = event
    }
}
