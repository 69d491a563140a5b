import Glibc

/// How a process ended.
public enum ExitStatus: Sendable, Hashable {
    /// It ended by itself, with a status from 0 to 255.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)

    public var isSuccess: Bool { self == .exited(0) }
}

extension ExitStatus: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "killed by signal \(signal)\(strsignal(signal).map { " (\(String(cString: $0)))" } ?? "")"
        }
    }
}
