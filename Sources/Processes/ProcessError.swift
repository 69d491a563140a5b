import LinuxKernel

/// A program that could not be started, or that failed.
public enum ProcessError: Error, Sendable, Hashable {
    /// No such program in PATH.
    case notFound(program: String)
    /// The kernel refused to start it.
    case notStarted(command: Command, errno: Errno)
    /// It ended with another status than 0; `message` is the end of what it wrote to standard error.
    case failed(command: Command, status: ExitStatus, message: String)
    /// It did not end within the time it was given, and was killed.
    case timedOut(command: Command)
}

extension ProcessError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let program): "there is no program \(program) in PATH"
        case .notStarted(let command, let errno): "cannot start \(command.program): \(errno)"
        case .failed(let command, let status, let message):
            message.isEmpty ? "\(command): \(status)" : "\(command): \(status): \(message)"
        case .timedOut(let command): "\(command) did not end in time and was killed"
        }
    }
}
