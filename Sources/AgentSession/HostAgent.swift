import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import Processes

/// An agent that is a child of this process and builds the lab in this machine's own kernel.
///
/// The kernel does not tie it to this process's life: it ends when its stream does, and takes the lab down first.
public final class HostAgent: RunningAgent {
    public let takesRequestsFromStream = true
    private let process: ChildProcess
    private var streamEnd: FileDescriptor?

    /// How long the agent may take to remove its lab after its stream has ended.
    private static let patience = Duration.seconds(60)

    /// - Parameter executable: the agent's.
    /// - Throws: `ProcessError` when it cannot be started.
    public init(executable: String) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemCallError("socketpair", "the agent's stream", .last)
        }
        streamEnd = FileDescriptor(owning: ends[0])
        let agentEnd = FileDescriptor(owning: ends[1])
        let stream: Int32 = 3
        process = try ChildProcess(
            Command(executable, [HostContract.streamOption, String(stream)]),
            descriptors: [2: STDERR_FILENO, stream: agentEnd.rawValue])
    }

    public var stream: Int32 {
        switch streamEnd {
        case .some(let end): end.rawValue
        case .none: -1
        }
    }

    public var exitDescriptor: Int32 { process.exitDescriptor }

    public func attach(to loop: EventLoop) {}

    /// It writes to this process's own standard error.
    public var consoleText: String { "" }

    public func stop() {
        streamEnd = nil
        if process.wait(for: Self.patience) == nil { process.kill() }
    }

    /// Whether the agent ended in a way that may have left its lab standing.
    public var endedBadly: Bool { process.status.map { !$0.isSuccess } ?? false }

    public func diagnosis() -> String {
        // The kernel closes an ending process's stream a moment before it tells its end.
        process.wait(for: .seconds(1)).map { "resetlab-agent ended with \($0)" } ?? "resetlab-agent still runs"
    }
}
