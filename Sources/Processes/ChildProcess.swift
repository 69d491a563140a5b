import CLinux
import Glibc
import LinuxKernel

/// A running child process with one owner: when the owner lets go of it, the child is killed and reaped.
///
/// It leads a process group of its own, so that a terminal's Ctrl-C reaches the controller alone, which then ends its children in order.
/// It has the descriptors it was given and no others; standard ones that were not given are `/dev/null`.
public final class ChildProcess {
    public let command: Command
    /// The process identifier; it means this child until the child is reaped.
    public let identifier: pid_t
    /// Known once the child was reaped.
    public private(set) var status: ExitStatus?
    private let handle: FileDescriptor
    private var isLetGo = false

    /// Readable as soon as the child has ended (pidfd_open(2)): watch it in an event loop, then call `reap`.
    public var exitDescriptor: Int32 { handle.rawValue }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - descriptors: the numbers the child knows its descriptors by, and this process's own descriptors for them, which stay open here.
    ///   - launcher: when given, the kernel kills the child as soon as this process ends, however it ends.
    ///   - inOwnSession: away from this process's terminal, for a child that is to outlive it (`letGo`).
    /// - Throws: `ProcessError` when the program does not exist or cannot be started, `SystemCallError` when descriptors run out.
    public init(
        _ command: Command, descriptors: [Int32: Int32] = [:], launcher: Launcher? = nil, inOwnSession: Bool = false
    ) throws {
        guard let path = ExecutableLookup.path(of: command.program) else { throw ProcessError.notFound(program: command.program) }
        let vector = launcher.map { $0.wrapped(path: path, command.arguments) } ?? [command.program] + command.arguments
        self.command = command
        identifier = try ChildProcess.spawn(command, launcher?.executable ?? path, vector, descriptors, inOwnSession)
        // The identifier cannot be taken by another process meanwhile: an ended child keeps it until it is reaped.
        let descriptor = linux_open_process(identifier)
        guard descriptor >= 0 else {
            let errno = Errno.last
            Glibc.kill(-identifier, SIGKILL)
            waitpid(identifier, nil, 0)
            throw SystemCallError("pidfd_open", command.program, errno)
        }
        handle = FileDescriptor(owning: descriptor)
    }

    /// Sends a signal to the child's process group; does nothing once the child is reaped.
    public func signal(_ signal: Int32) {
        if status == nil { Glibc.kill(-identifier, signal) }
    }

    /// The status of a child that has ended, or nil for one that still runs. The child's resources are gone once a status was returned.
    @discardableResult
    public func reap() -> ExitStatus? { reap(options: WNOHANG) }

    /// Waits for the end, for at most the given time (nil: as long as it takes).
    ///
    /// - Returns: nil when the child still runs.
    public func wait(for limit: Duration? = nil) -> ExitStatus? {
        if let status { return status }
        guard let limit else { return reap(options: 0) }
        let deadline = ContinuousClock.now + limit
        while true {
            var watched = pollfd(fd: exitDescriptor, events: Int16(POLLIN), revents: 0)
            let remaining = deadline - ContinuousClock.now
            let milliseconds = max(0, remaining.components.seconds * 1000 + remaining.components.attoseconds / 1_000_000_000_000_000 + 1)
            let count = poll(&watched, 1, Int32(clamping: milliseconds))
            if count > 0 { return reap(options: 0) }
            if count == 0 { return nil }
            // A signal interrupted the wait; the deadline stands.
        }
    }

    /// Kills the child and its process group, and returns when it is gone. No process can refuse; safe to call twice.
    @discardableResult
    public func kill() -> ExitStatus? {
        guard status == nil else { return status }
        signal(SIGKILL)
        return reap(options: 0)
    }

    /// From here on the child may outlive its owner.
    public func letGo() { isLetGo = true }

    deinit {
        if status == nil, !isLetGo { kill() }
    }

    private func reap(options: Int32) -> ExitStatus? {
        if let status { return status }
        var code: Int32 = 0
        var result: pid_t
        repeat { result = waitpid(identifier, &code, options) } while result < 0 && errno == EINTR
        guard result == identifier else { return nil }
        // wait(2)'s macros do not import: the low seven bits are the signal, the next byte the status.
        let signal = code & 0x7F
        status = signal == 0 ? .exited((code >> 8) & 0xFF) : .signalled(signal)
        return status
    }
}

extension ChildProcess {
    private static func spawn(
        _ command: Command, _ executable: String, _ vector: [String], _ descriptors: [Int32: Int32], _ inOwnSession: Bool
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let temporaries = try addDescriptors(descriptors, to: &actions)
        defer { for temporary in temporaries { close(temporary) } }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // An event loop blocks the signals it reads and ignores SIGPIPE; a child starts with neither.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        // The leader of a session leads its first process group too.
        let group = inOwnSession ? linux_spawn_session_flag() : Int32(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, Int16(group) | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let arguments = CStringVector(vector)
        let variables = CStringVector(environment(adding: command.environment))
        var identifier: pid_t = 0
        let error = arguments.withPointers { arguments in
            variables.withPointers { variables in
                posix_spawn(&identifier, executable, &actions, &attributes, arguments, variables)
            }
        }
        guard error == 0 else { throw ProcessError.notStarted(command: command, errno: Errno(code: error)) }
        return identifier
    }

    /// Arranges the child's descriptors. They are first copied above every number that the child is to have, so that one of them cannot
    /// overwrite another that is still to be copied; the copies are returned, to be closed after the start.
    private static func addDescriptors(
        _ descriptors: [Int32: Int32], to actions: inout posix_spawn_file_actions_t
    ) throws -> [Int32] {
        let lowest = max(2, descriptors.keys.max() ?? 2) + 1
        var temporaries: [Int32] = []
        for (number, own) in descriptors.sorted(by: { $0.key < $1.key }) {
            let copy = fcntl(own, F_DUPFD_CLOEXEC, lowest)
            guard copy >= 0 else {
                let errno = Errno.last
                for temporary in temporaries { close(temporary) }
                throw SystemCallError("fcntl", "descriptor \(own)", errno)
            }
            temporaries.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, number)
        }
        for number in Int32(0)...2 where descriptors[number] == nil {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
        }
        // What this program opens is closed on exec, but not what it inherited from a shell that left something open.
        for number in openDescriptors() where number > 2 && descriptors[number] == nil {
            posix_spawn_file_actions_addclose(&actions, number)
        }
        return temporaries
    }

    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var numbers: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers
    }

    private static func environment(adding variables: [String: String]) -> [String] {
        var result: [String] = []
        var entry = environ
        while let variable = entry.pointee {
            let text = String(cString: variable)
            let name = text.prefix { $0 != "=" }
            if variables[String(name)] == nil { result.append(text) }
            entry += 1
        }
        return result + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
