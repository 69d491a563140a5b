import AgentProtocol
import Glibc
import LinuxKernel
import Processes

/// QEMU's process with this program's ends of what it was given.
final class StartedMachine {
    /// The guest's memory, where it is a file, and the state to restore or the pipe to save it into.
    struct SavedParts {
        var memory: Int32
        var state: Int32
    }

    let process: ChildProcess
    let console: GuestConsole
    /// Never blocks.
    let stream: FileDescriptor
    /// Of a machine that is to be saved.
    let monitor: QMPConnection?
    /// Of a machine that is restored.
    let textMonitor: TextMonitor?

    /// - Parameters:
    ///   - job: the window's memory; nil in real time.
    ///   - saved: needed unless it is a cold start.
    init(
        _ arguments: MachineArguments, image: borrowing MemoryFile, job: Int32?, saved: SavedParts? = nil, launcher: Launcher?
    ) throws {
        let (consoleReader, consoleWriter) = try Pipe().ends()
        let machineConsole = FileDescriptor(owning: consoleWriter)
        console = GuestConsole(reader: FileDescriptor(owning: consoleReader))
        let (own, other) = try Self.streamEnds(clock: arguments.clock)
        stream = FileDescriptor(owning: own)
        let machineStream = FileDescriptor(owning: other)
        var descriptors: [Int32: Int32] = [
            1: machineConsole.rawValue, 2: machineConsole.rawValue,
            MachineArguments.consoleDescriptor: machineConsole.rawValue,
            MachineArguments.streamDescriptor: machineStream.rawValue,
            MachineArguments.imageDescriptor: image.descriptor.rawValue,
        ]
        descriptors[MachineArguments.jobDescriptor] = job
        var monitorEnd: Int32?
        defer { if let monitorEnd { close(monitorEnd) } }
        if let saved {
            descriptors[MachineArguments.memoryDescriptor] = saved.memory
            descriptors[MachineArguments.stateDescriptor] = saved.state
            let (own, other) = try Self.socketPair("QEMU's monitor")
            if arguments.start == .restoring {
                monitor = nil
                // Whatever QEMU has to say while an answer is waited for must not stop it.
                textMonitor = TextMonitor(socket: FileDescriptor(owning: own), whileWaiting: { [console] in console.drain() })
            } else {
                monitor = QMPConnection(socket: FileDescriptor(owning: own))
                textMonitor = nil
            }
            monitorEnd = other
            descriptors[MachineArguments.monitorDescriptor] = other
        } else {
            monitor = nil
            textMonitor = nil
        }
        process = try ChildProcess(Command(MachineArguments.program, arguments.arguments), descriptors: descriptors, launcher: launcher)
        monitor?.whileWaiting = { [console] in console.drain() }
    }

    private static func streamEnds(clock: GuestClock) throws -> (own: Int32, other: Int32) {
        let ends = clock.isVirtual ? try Pipe().ends() : try socketPair("the agent's stream")
        _ = fcntl(ends.0, F_SETFL, fcntl(ends.0, F_GETFL) | O_NONBLOCK)
        return ends
    }

    private static func socketPair(_ what: String) throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemCallError("socketpair", what, .last)
        }
        return (ends[0], ends[1])
    }
}
