import CLinux
import Glibc
import LinuxKernel
import Processes

/// The descriptors between the agent and a program, all closed on exec: three pipes, or both ends of a terminal.
struct ExecutionChannel: ~Copyable {
    /// The agent's ends, which never block.
    let input: FileDescriptor
    let output: FileDescriptor
    /// nil for a terminal, where both outputs are one.
    let error: FileDescriptor?

    /// The program's.
    let programInput: FileDescriptor
    let programOutput: FileDescriptor
    let programError: FileDescriptor

    static func pipes() throws -> ExecutionChannel {
        let (inputReader, inputWriter) = try Pipe().ends()
        let programInput = FileDescriptor(owning: inputReader)
        let input = FileDescriptor(owning: inputWriter)
        let (outputReader, outputWriter) = try Pipe().ends()
        let output = FileDescriptor(owning: outputReader)
        let programOutput = FileDescriptor(owning: outputWriter)
        let (errorReader, errorWriter) = try Pipe().ends()
        let error = FileDescriptor(owning: errorReader)
        let programError = FileDescriptor(owning: errorWriter)
        for end in [input.rawValue, output.rawValue, error.rawValue] { neverBlock(end) }
        return ExecutionChannel(
            input: input, output: output, error: error, programInput: programInput, programOutput: programOutput,
            programError: programError)
    }

    static func terminal(rows: Int, columns: Int) throws -> ExecutionChannel {
        var (controller, terminal): (Int32, Int32) = (-1, -1)
        guard linux_open_terminal(&controller, &terminal, UInt16(clamping: rows), UInt16(clamping: columns)) == 0 else {
            throw SystemCallError("open", "a terminal for the program", .last)
        }
        let output = FileDescriptor(owning: controller)
        let programError = FileDescriptor(owning: terminal)
        neverBlock(controller)
        return ExecutionChannel(
            input: try copy(controller), output: output, error: nil, programInput: try copy(terminal), programOutput: try copy(terminal),
            programError: programError)
    }

    private static func neverBlock(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }

    private static func copy(_ descriptor: Int32) throws -> FileDescriptor {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemCallError("fcntl", "a terminal's descriptor", .last) }
        return FileDescriptor(owning: copy)
    }
}
