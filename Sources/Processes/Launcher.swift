import CLinux
import Glibc
import LinuxKernel

/// The step between this program and a child that must not outlive it.
///
/// A child asks the kernel for a signal at its parent's death (`prctl(PR_SET_PDEATHSIG)`), and can do so only between fork and exec, where
/// `posix_spawn` runs no code of ours. So the executable starts itself with a private first argument, asks, and then becomes the child:
///
///     resetlab ─ posix_spawn ─→ resetlab __launch-with-parent PID qemu-system-x86_64 … ─ exec ─→ qemu-system-x86_64 …
///
/// The kernel sends the signal when the *thread* that started the child ends: start such children on the main thread.
public struct Launcher: Sendable, Hashable {
    /// The private first argument.
    public static let argument = "__launch-with-parent"

    /// The executable whose `main` hands its arguments to `Launcher.runIfAsked`.
    public let executable: String

    /// - Parameter executable: by default the running program itself.
    public init(executable: String = "/proc/self/exe") { self.executable = executable }

    /// The command that becomes the given one, and dies with the calling process.
    func wrapped(path: String, _ arguments: [String]) -> [String] {
        ["resetlab", Launcher.argument, String(getpid()), path] + arguments
    }

    /// Does the launcher's step when it is asked for; to be called first in `main`, with all of `CommandLine.arguments`.
    ///
    /// Returns when the arguments ask for something else. Otherwise it becomes the program named after the parent's identifier, or ends this
    /// process: with status 127 when the program cannot be executed, and 126 when the parent is gone already or the arguments are wrong.
    public static func runIfAsked(_ arguments: [String]) {
        guard arguments.count >= 2, arguments[1] == argument else { return }
        guard arguments.count >= 4, let parent = pid_t(arguments[2]) else {
            report("\(argument) is an internal step and takes a process identifier and a program")
            exit(126)
        }
        guard linux_signal_when_parent_ends(SIGKILL) == 0 else {
            report("cannot tie \(arguments[3]) to its parent: \(Errno.last)")
            exit(126)
        }
        // The parent may have died before the request: then no signal comes, and another process is the parent.
        guard getppid() == parent else { exit(126) }
        let vector = CStringVector(Array(arguments[3...]))
        vector.withPointers { _ = execv(arguments[3], $0) }
        report("cannot execute \(arguments[3]): \(Errno.last)")
        exit(127)
    }

    private static func report(_ message: String) {
        let line = Array("resetlab: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
