import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import Processes

/// A running guest: QEMU, its console, and the agent's stream.
///
/// Whoever owns it watches `exitDescriptor` and reads the stream; the machine is killed when the owner lets go of it, and by the kernel when
/// this process ends.
public final class GuestMachine {
    /// What a machine is started with.
    public struct Configuration: Sendable {
        public var kernel: PreparedKernel
        public var image: GuestImage
        /// More files, unpacked over the image: the requests, for a start.
        public var job: [GuestFile]
        public var clock: GuestClock
        /// The lab's namespaces, which the memory's size follows.
        public var nodes: Int
        /// What the probes' traces will take, in bytes.
        public var traces: Int
        /// Ties QEMU's life to this process.
        public var launcher: Launcher?

        public init(
            kernel: PreparedKernel, image: GuestImage, job: [GuestFile] = [], clock: GuestClock, nodes: Int = 0, traces: Int = 0,
            launcher: Launcher? = Launcher()
        ) {
            self.kernel = kernel
            self.image = image
            self.job = job
            self.clock = clock
            self.nodes = nodes
            self.traces = traces
            self.launcher = launcher
        }
    }

    /// How a machine ended.
    public enum Ending: Sendable, Hashable {
        /// The agent ended it, with its status.
        case agent(status: UInt8)
        /// It ended otherwise: the kernel panicked or was powered off, QEMU failed, somebody killed it.
        case machine(ExitStatus)
    }

    /// The protocol's stream, which never blocks the caller; for read(2) and write(2), since in virtual time it is a pipe, and only to be read. At
    /// its end once the machine has ended and everything was read.
    public var stream: Int32 { streamEnd.rawValue }
    /// Readable as soon as QEMU has ended.
    public var exitDescriptor: Int32 { process.exitDescriptor }
    /// Whether the agent reads requests from the stream. Not in virtual time: they are in the job.
    public let takesRequestsFromStream: Bool

    private let process: ChildProcess
    private let streamEnd: FileDescriptor
    private let console: GuestConsole

    /// Starts the machine; the agent in it is ready some seconds later.
    ///
    /// Attach the machine to an event loop soon: a console that nobody reads stops the guest once a pipe is full.
    ///
    /// - Throws: `GuestKernelError.toolMissing` without QEMU, `ProcessError` or `SystemCallError` when it cannot be started.
    public init(_ configuration: Configuration) throws {
        guard ExecutableLookup.path(of: MachineArguments.program) != nil else {
            throw GuestKernelError.toolMissing(program: MachineArguments.program, package: MachineArguments.package)
        }
        takesRequestsFromStream = !configuration.clock.isVirtual

        // One behind the other, as the kernel unpacks them.
        let job = RAMArchive.bytes(of: configuration.job)
        let image = try MemoryFile(name: "guest-image", contents: [configuration.image.archive, job])
        let arguments = MachineArguments(
            kernel: configuration.kernel.image, clock: configuration.clock,
            memory: GuestMemory.size(
                nodes: configuration.nodes, imageSize: configuration.image.size + job.count, traces: configuration.traces))

        let (consoleReader, consoleWriter) = try Pipe().ends()
        let machineConsole = FileDescriptor(owning: consoleWriter)
        console = GuestConsole(reader: FileDescriptor(owning: consoleReader))
        let (own, other) = try GuestMachine.streamEnds(clock: configuration.clock)
        streamEnd = FileDescriptor(owning: own)
        let machineStream = FileDescriptor(owning: other)

        process = try ChildProcess(
            Command(MachineArguments.program, arguments.arguments),
            descriptors: [
                1: machineConsole.rawValue, 2: machineConsole.rawValue,
                MachineArguments.consoleDescriptor: machineConsole.rawValue,
                MachineArguments.streamDescriptor: machineStream.rawValue,
                MachineArguments.imageDescriptor: image.descriptor.rawValue,
            ],
            launcher: configuration.launcher)
    }

    private static func streamEnds(clock: GuestClock) throws -> (own: Int32, other: Int32) {
        var ends: [Int32] = [-1, -1]
        if clock.isVirtual {
            (ends[0], ends[1]) = try Pipe().ends()
        } else {
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
                throw SystemCallError("socketpair", "the agent's stream", .last)
            }
        }
        _ = fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Reads the console while the loop runs.
    public func attach(to loop: EventLoop) throws { try console.attach(to: loop) }

    /// Ends the machine at once, if it still runs. Safe to call twice.
    public func stop() {
        process.kill()
        console.detach()
    }

    /// How it ended; nil while it runs.
    public var ending: Ending? {
        guard let status = process.reap() else { return nil }
        if case .exited(let code) = status, let agent = GuestContract.status(fromEmulatorStatus: code) { return .agent(status: agent) }
        return .machine(status)
    }

    /// The end of the console, at most 64 KiB.
    public var consoleTail: String {
        console.drain()
        return console.text
    }

    /// What to tell when the machine ended too early or never got ready: how it ended, and the console's last lines.
    public func diagnosis() -> String {
        // The stream's end is often seen a moment before QEMU's.
        _ = process.wait(for: .milliseconds(500))
        let tail = consoleTail
        let headline: String
        switch ending {
        case nil: headline = "the guest still runs"
        case .agent(let status): headline = "the agent ended the guest with status \(status)"
        case .machine(let status):
            if let panic = tail.split(whereSeparator: \.isNewline).first(where: { $0.contains("Kernel panic") }) {
                headline = "the guest's kernel panicked: \(panic)"
            } else if status.isSuccess {
                headline = "the guest ended without a word from the agent"
            } else {
                headline = "QEMU ended with \(status)"
            }
        }
        let lines = tail.split(whereSeparator: \.isNewline).suffix(20)
        return ([headline] + lines.map { "  " + $0 }).joined(separator: "\n")
    }
}
