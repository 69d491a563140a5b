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
        /// The requests, in virtual time: JSON Lines.
        public var job: [UInt8]
        public var clock: GuestClock
        /// The lab's namespaces, which the memory's size follows.
        public var nodes: Int
        /// What the probes' traces will take, in bytes.
        public var traces: Int
        /// Where saved guests are, one of which is gone on from in virtual time; nil to boot in any case.
        public var templates: TemplateCache?
        /// Ties QEMU's life to this process.
        public var launcher: Launcher?

        public init(
            kernel: PreparedKernel, image: GuestImage, job: [UInt8] = [], clock: GuestClock, nodes: Int = 0, traces: Int = 0,
            templates: TemplateCache? = nil, launcher: Launcher? = Launcher()
        ) {
            self.kernel = kernel
            self.image = image
            self.job = job
            self.clock = clock
            self.nodes = nodes
            self.traces = traces
            self.templates = templates
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
    public var stream: Int32 { started.stream.rawValue }
    /// Readable as soon as QEMU has ended.
    public var exitDescriptor: Int32 { process.exitDescriptor }
    /// Whether the agent reads requests from the stream. Not in virtual time: they are in the job.
    public let takesRequestsFromStream: Bool

    /// Whether it was restored from a template instead of booted.
    public let isRestored: Bool

    private let started: StartedMachine
    /// In virtual time, whose every idle period is handed from one thread to the other and back.
    private let placement: ThreadPlacement?
    private var process: ChildProcess { started.process }
    private var console: GuestConsole { started.console }

    /// Starts the machine; the agent in it is ready some seconds later, or at once when it was restored from a template. Where a template is
    /// wanted and there is none, this takes the seconds of a boot.
    ///
    /// Attach the machine to an event loop soon: a console that nobody reads stops the guest once a pipe is full.
    ///
    /// - Parameters:
    ///   - progress: told in a line what takes its time.
    ///   - fallback: told why there is no template, when one was wanted; the guest is booted then.
    /// - Throws: `GuestKernelError.toolMissing` without QEMU, `jobTooLarge`, `ProcessError` or `SystemCallError` when it cannot be started.
    public init(
        _ configuration: Configuration, progress: (String) -> Void = { _ in }, fallback: (String) -> Void = { _ in }
    ) throws {
        guard ExecutableLookup.path(of: MachineArguments.program) != nil else {
            throw GuestKernelError.toolMissing(program: MachineArguments.program, package: MachineArguments.package)
        }
        takesRequestsFromStream = !configuration.clock.isVirtual

        let clock = configuration.clock
        let arguments = MachineArguments(
            kernel: configuration.kernel.image, clock: clock,
            memory: GuestMemory.size(nodes: configuration.nodes, imageSize: configuration.image.size, traces: configuration.traces))
        var job: Int32?
        defer { if let job { close(job) } }
        if case .virtual(let seed) = clock {
            guard configuration.job.count <= JobWindow.capacity else {
                throw GuestKernelError.jobTooLarge(bytes: configuration.job.count, allowed: JobWindow.capacity)
            }
            let header = JobWindow.Header(seed: seed, count: configuration.job.count)
            let file = try MemoryFile(name: "guest-job", size: JobWindow.size, contents: [header.bytes, configuration.job])
            job = file.takeDescriptor()
        }
        if let job, let cache = configuration.templates {
            let template = TemplateStart(
                cache: cache, arguments: arguments, image: configuration.image, job: job, launcher: configuration.launcher)
            do {
                started = try template.machine(progress: progress)
                isRestored = true
                placement = ThreadPlacement(of: started.process.identifier)
                return
            } catch {
                fallback("\(error)")
            }
        }
        isRestored = false
        let image = try MemoryFile(name: "guest-image", contents: configuration.image.archives(for: clock))
        started = try StartedMachine(arguments, image: image, job: job, launcher: configuration.launcher)
        placement = clock.isVirtual ? ThreadPlacement(of: started.process.identifier) : nil
    }

    /// Reads the console while the loop runs.
    public func attach(to loop: EventLoop) throws {
        try console.attach(to: loop)
        placement?.attach(to: loop)
    }

    /// Ends the machine at once, if it still runs. Safe to call twice.
    public func stop() {
        process.kill()
        console.detach()
        placement?.detach()
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
