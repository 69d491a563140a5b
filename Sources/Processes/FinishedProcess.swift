import Glibc
import LinuxKernel

/// A command that was run to its end, and what it wrote.
public struct FinishedProcess: Sendable {
    public let command: Command
    public let status: ExitStatus
    /// Empty when the output was sent elsewhere.
    public let output: [UInt8]
    /// The last 64 KiB of standard error.
    public let errorOutput: String

    public var text: String { String(decoding: output, as: UTF8.self) }

    /// Itself when the command succeeded.
    ///
    /// - Throws: `ProcessError.failed` with the end of standard error.
    @discardableResult
    public func checked() throws -> FinishedProcess {
        guard status.isSuccess else {
            let lines = errorOutput.split(separator: "\n", omittingEmptySubsequences: true)
            throw ProcessError.failed(command: command, status: status, message: lines.suffix(3).joined(separator: "; "))
        }
        return self
    }
}

extension Command {
    /// Runs the command to its end and collects its output.
    ///
    /// - Parameters:
    ///   - input: the child's standard input; nil for none.
    ///   - output: where standard output goes; nil to collect it.
    ///   - limit: how long it may take before it is killed.
    ///   - launcher: when given, the command dies with this process.
    /// - Throws: `ProcessError` when it cannot be started or takes too long; a status other than 0 is no error here (`checked`).
    public func runToEnd(
        input: Int32? = nil, output: Int32? = nil, limit: Duration = .seconds(600), launcher: Launcher? = nil
    ) throws -> FinishedProcess {
        let (outputReader, outputWriter) = try Pipe().ends()
        let collectedOutput = FileDescriptor(owning: outputReader)
        let outputEnd = FileDescriptor(owning: outputWriter)
        let (errorReader, errorWriter) = try Pipe().ends()
        let collectedErrors = FileDescriptor(owning: errorReader)
        let errorEnd = FileDescriptor(owning: errorWriter)

        var descriptors: [Int32: Int32] = [1: output ?? outputEnd.rawValue, 2: errorEnd.rawValue]
        if let input { descriptors[0] = input }
        let child = try ChildProcess(self, descriptors: descriptors, launcher: launcher)
        outputEnd.close()
        errorEnd.close()

        var collected: [UInt8] = []
        var errors = ByteTail(capacity: 65536)
        let deadline = ContinuousClock.now + limit
        try Command.drain(
            collectedOutput.rawValue, { collected += $0 }, collectedErrors.rawValue, { errors.append($0) },
            until: deadline, of: self)
        guard let status = child.wait(for: deadline - ContinuousClock.now) else { throw ProcessError.timedOut(command: self) }
        return FinishedProcess(command: self, status: status, output: collected, errorOutput: errors.text)
    }

    /// Reads two descriptors until both are at their end.
    private static func drain(
        _ first: Int32, _ takeFirst: (ArraySlice<UInt8>) -> Void, _ second: Int32, _ takeSecond: (ArraySlice<UInt8>) -> Void,
        until deadline: ContinuousClock.Instant, of command: Command
    ) throws {
        var watched = [pollfd(fd: first, events: Int16(POLLIN), revents: 0), pollfd(fd: second, events: Int16(POLLIN), revents: 0)]
        var buffer = [UInt8](repeating: 0, count: 65536)
        while watched.contains(where: { $0.fd >= 0 }) {
            let remaining = (deadline - ContinuousClock.now).components.seconds
            guard remaining >= 0, ContinuousClock.now < deadline else { throw ProcessError.timedOut(command: command) }
            if poll(&watched, 2, Int32(clamping: (remaining + 1) * 1000)) < 0 {
                if errno == EINTR { continue }
                throw SystemCallError("poll", command.program, .last)
            }
            for index in watched.indices where watched[index].fd >= 0 && watched[index].revents != 0 {
                let count = read(watched[index].fd, &buffer, buffer.count)
                if count > 0 {
                    index == 0 ? takeFirst(buffer[..<count]) : takeSecond(buffer[..<count])
                } else if count == 0 || errno != EINTR {
                    // poll(2) passes over negative descriptors.
                    watched[index].fd = -1
                }
            }
        }
    }
}
