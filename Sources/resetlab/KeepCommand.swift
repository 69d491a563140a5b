import AgentProtocol
import AgentSession
import ArgumentParser
import EventLoop
import Glibc
import LabKeeper
import LabPlan
import LinuxKernel

/// What `resetlab up` hands to the keeper that it starts, on its standard input: the plan's keys are on no command line.
struct KeepJob: Codable {
    var plan: LabPlan
    var backend: LabDescription.Backend
    /// Without its secrets.
    var topology: String
}

/// What a keeper tells `resetlab up`, one JSON object a line, until its lab stands.
enum KeepReport: Codable {
    case notice(String)
    case progress(Progress)
    case standing(LabDescription)
    case failed(status: Int32, message: String)

    /// The descriptor that the keeper reports on.
    static let descriptor: Int32 = 3
}

/// The process that keeps a lab standing; no command for people.
struct KeepCommand: ParsableCommand {
    static let commandName = "keep"
    static let configuration = CommandConfiguration(
        commandName: commandName, abstract: "Keep a lab standing; started by resetlab up.", shouldDisplay: false)

    func run() throws {
        guard fcntl(KeepReport.descriptor, F_GETFD) >= 0 else {
            throw CommandFailure(.badInput, "\(Self.commandName) is an internal step; use: resetlab up TOPOLOGY")
        }
        // Whoever reads what is written here may end at any moment: a failed write says so.
        signal(SIGPIPE, SIG_IGN)
        let reporter = KeepReporter()
        do {
            try keep(reporter)
        } catch {
            let failure = Place.commandFailure(error)
            if let failure = failure as? CommandFailure {
                reporter.send(.failed(status: failure.status.rawValue, message: failure.message))
            } else if let failure = failure as? LabFolderError {
                reporter.send(.failed(status: ExitStatus.badInput.rawValue, message: "\(failure)"))
            } else {
                reporter.send(.failed(status: ExitStatus.failed.rawValue, message: "\(failure)"))
            }
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    private func keep(_ reporter: KeepReporter) throws {
        // From here on whoever ends it finds its folder removed.
        let signals = try SignalWatch([SIGINT, SIGTERM])
        let job = try JSONLines.decode(KeepJob.self, from: readAll(STDIN_FILENO))
        let name = job.plan.name
        let folder = try LabsFolder().folder(of: name)
        let lock = try folder.take()
        try sendOutput(to: folder.log)
        let place = Place(backend: job.backend == .guest ? .guest : .host, clock: .real, explanation: "")
        let agent: any RunningAgent
        let health: HealthFile
        do {
            health = try HealthFile(folder: HealthFile.folder(of: name))
            agent = try place.startAgent(seed: job.plan.seed, nodeCount: job.plan.nodes.count) { reporter.send(.notice($0)) }
        } catch {
            folder.remove(lock)
            throw error
        }
        let loop = try EventLoop()
        let keeper = LabKeeper(
            agent: agent, loop: loop,
            configuration: .init(
                plan: job.plan, backend: job.backend, version: resetlabVersion, folder: folder, lock: lock, health: health,
                topology: job.topology, startDeadline: place.startDeadline),
            listener: .init(
                progress: { reporter.send(.progress($0)) },
                standing: { reporter.sendLast(.standing($0), loop: loop) },
                // A killed agent could not remove its lab: another one does it by the journal.
                agentEnded: { if (agent as? HostAgent)?.endedBadly == true { _ = try? Place.cleanUpHost() } },
                note: { standardError("resetlab: \($0)") }))
        let signalWatch = try loop.watch(signals.fileDescriptor) { _ in
            if let signal = signals.next() { keeper.takeDown(because: reporter.isOpen ? .interrupted(signal: signal) : nil) }
        }
        defer { loop.cancel(signalWatch) }
        // A lab that nobody waits for any more is not built.
        try reporter.watch(in: loop) { keeper.takeDown(because: .interrupted(signal: SIGINT)) }
        try keeper.run()
    }

    /// What is written to standard output and standard error from here on, by the agent too.
    private func sendOutput(to log: String) throws {
        let raw = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw SystemCallError("open", log, .last) }
        let descriptor = FileDescriptor(owning: raw)
        dup2(descriptor.rawValue, STDOUT_FILENO)
        dup2(descriptor.rawValue, STDERR_FILENO)
    }

    private func readAll(_ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, Errno.last == .interrupted { continue }
            guard count >= 0 else { throw SystemCallError("read", "the lab's plan", .last) }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}

/// The keeper's end of the pipe to `resetlab up`.
final class KeepReporter {
    private(set) var isOpen = true
    private var watch: (loop: EventLoop, watch: EventLoop.Watch)?

    init() {
        // It is the keeper's own: no agent inherits it.
        _ = fcntl(KeepReport.descriptor, F_SETFD, FD_CLOEXEC)
    }

    func send(_ report: KeepReport) {
        guard isOpen, let line = try? JSONLines.encode(report) else { return }
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes { write(KeepReport.descriptor, $0.baseAddress, $0.count) }
            if count < 0, Errno.last != .interrupted { return }
            if count > 0 { written += count }
        }
    }

    func sendLast(_ report: KeepReport, loop: EventLoop) {
        send(report)
        if let watch { watch.loop.cancel(watch.watch) }
        watch = nil
        isOpen = false
        close(KeepReport.descriptor)
    }

    /// - Parameter gone: called when nobody reads any more.
    func watch(in loop: EventLoop, gone: @escaping () -> Void) throws {
        watch = (
            loop,
            try loop.watch(KeepReport.descriptor, for: []) { [unowned self] _ in
                if let watch { watch.loop.cancel(watch.watch) }
                watch = nil
                gone()
            }
        )
    }
}
