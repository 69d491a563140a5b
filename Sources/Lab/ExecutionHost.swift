import AgentProtocol
import CLinux
import EventLoop
import Glibc
import LinuxKernel

/// Runs programs in the nodes of a lab.
///
/// Each is a session of its own, so that a terminal's Ctrl-C is its own and the whole of it can be ended; the kernel kills it when the agent
/// ends, however that happens.
package final class ExecutionHost {
    private let loop: EventLoop
    private var running: [pid_t: RunningExecution] = [:]
    private let adoptsOrphans: Bool
    private var orphanTimer: EventLoop.Timer?

    private static let orphanInterval = Duration.seconds(1)

    /// - Parameter adoptsOrphans: whether whatever processes leave behind becomes this process's child, as it does with process 1. Then every
    ///   child that is no program of this host's is reaped when it ends: nobody else may start any.
    package init(loop: EventLoop, adoptsOrphans: Bool = ProcessOne.isThisProcess) {
        self.loop = loop
        self.adoptsOrphans = adoptsOrphans
        // A program may close its input at any moment; a failed write says so.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Starts a program, like `ip netns exec`: `/sys` shows the node's interfaces, everything else is the agent's.
    ///
    /// - Parameters:
    ///   - output: in pieces of at most 32 KiB; `ExecutionInput.taken` lets more come.
    ///   - ended: called once, after all output.
    /// - Throws: `AgentMessage.Failure` for a program that is not to be found or cannot be executed, `SystemCallError` otherwise.
    package func start(
        _ execution: Execution, in namespace: NetworkNamespace, output: @escaping (ExecutionOutput) -> Void,
        ended: @escaping (ExecutionEnd) -> Void
    ) throws -> RunningExecution {
        let program = try RunningExecution(execution, in: namespace, loop: loop, output: output) { [weak self] program, end in
            self?.running[program.identifier] = nil
            ended(end)
        }
        running[program.identifier] = program
        if adoptsOrphans { watchOrphans() }
        return program
    }

    /// Kills what still runs. Their ends are told by the loop.
    package func endAll() { for program in running.values { program.kill() } }

    private func watchOrphans() {
        guard orphanTimer == nil else { return }
        orphanTimer = loop.timer(after: Self.orphanInterval) { [weak self] in
            guard let self else { return }
            orphanTimer = nil
            if reapOrphans() { watchOrphans() }
        }
    }

    /// - Returns: whether there are children left.
    private func reapOrphans() -> Bool {
        while true {
            let child = linux_next_ended_child()
            guard child > 0 else { return child == 0 }
            // One of ours would hide those behind it from this look, so it has to be reaped here and now.
            if let program = running[child] { program.reap() } else { waitpid(child, nil, WNOHANG) }
        }
    }
}
