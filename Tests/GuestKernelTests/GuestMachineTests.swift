import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import Processes
import Testing

@testable import GuestKernel

/// Boots with a tiny agent written in C, which keeps to the contract and does what its job says.
@Suite(
    .serialized, Requirements.guestKernel, Requirements.programs(["qemu-system-x86_64", "gcc"]),
    .timeLimit(.minutes(5)))
struct GuestMachineTests {
    let folder: TemporaryFolder
    let agent: String

    init() throws {
        folder = try TemporaryFolder()
        let source = try folder.file("agent.c", Array(TinyAgent.source.utf8))
        agent = "\(folder.path)/agent"
        try Command("gcc", ["-O1", "-o", agent, source]).runToEnd().checked()
    }

    /// What a run left.
    private struct Outcome: Equatable {
        var stream: [UInt8] = []
        var console = ""
        var ending: GuestMachine.Ending?
        var diagnosis = ""
    }

    /// Runs a machine until it ends by itself or the deadline kills it.
    private func run(
        job: String, clock: GuestClock = .virtual(seed: 1), input: String = "", pause: UInt32 = 0, deadline: Duration = .seconds(90)
    ) throws -> Outcome {
        let kernel = try Requirements.kernel()
        let image = try GuestImage(agent: agent, kernel: kernel)
        let requests = GuestFile(path: GuestContract.requests, contents: Array(job.utf8))
        let machine = try GuestMachine(.init(kernel: kernel, image: image, job: [requests], clock: clock, launcher: nil))
        let loop = try EventLoop()
        try machine.attach(to: loop)
        var outcome = Outcome()
        var isFirst = true
        func receive() {
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = read(machine.stream, &buffer, buffer.count)
                guard count > 0 else { return }
                outcome.stream += buffer[..<count]
                if isFirst && !input.isEmpty { _ = write(machine.stream, Array(input.utf8), input.utf8.count) }
                isFirst = false
                if pause > 0 { usleep(pause) }
            }
        }
        let streamWatch = try loop.watch(machine.stream) { _ in receive() }
        let exitWatch = try loop.watch(machine.exitDescriptor) { _ in loop.stop() }
        loop.timer(after: deadline) { loop.stop() }
        try loop.run()
        receive()
        loop.cancel(streamWatch)
        loop.cancel(exitWatch)
        outcome.ending = machine.ending
        outcome.diagnosis = machine.diagnosis()
        outcome.console = machine.consoleTail
        machine.stop()
        return outcome
    }

    @Test func agentFindsWhatTheContractSays() throws {
        let outcome = try run(job: "status 7\n")
        #expect(outcome.ending == .agent(status: 7))
        let lines = String(decoding: outcome.stream, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines.first == "ready")
        #expect(lines.contains("job status 7"))
        #expect(lines.contains("library path /lib"))
        #expect(!lines.contains { $0.hasPrefix("failed") })
        // ESP, netem and the rest were loaded.
        let modules = Set(lines.filter { $0.hasPrefix("module ") }.map { $0.dropFirst("module ".count) })
        #expect(modules.isSuperset(of: ["esp4", "esp6", "sch_netem", "veth", "bridge", "xfrm_user"]))
    }

    @Test func virtualTimeRepeatsItself() throws {
        // The second reader is slow, so that QEMU has to wait for it; a chardev of its own would then write asynchronously.
        let first = try run(job: "write 2097152\nstatus 0\n")
        let second = try run(job: "write 2097152\nstatus 0\n", pause: 2000)
        #expect(first.ending == .agent(status: 0))
        #expect(first.stream.count > 2_097_152)
        #expect(first == second)
        // The console has the agent's times, to the nanosecond.
        #expect(first.console.contains("uptime "))
        let other = try run(job: "write 2097152\nstatus 0\n#\n")
        #expect(other.console != first.console)
    }

    @Test func seedDecidesRandomness() throws {
        let first = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 1))
        let second = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 2))
        let again = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 2))
        #expect(first.stream != second.stream)
        #expect(second == again)
    }

    @Test func realTimeHasInput() throws {
        let outcome = try run(job: "echo\nstatus 3\n", clock: .real(.emulated), input: "hello over there\n")
        #expect(outcome.ending == .agent(status: 3), "\(outcome.diagnosis)")
        #expect(String(decoding: outcome.stream, as: UTF8.self).contains("echo hello over there\n"))
    }

    @Test func panicIsToldWithTheConsole() throws {
        let outcome = try run(job: "return\n")
        #expect(outcome.ending == .machine(.exited(0)))
        #expect(outcome.diagnosis.hasPrefix("the guest's kernel panicked: "))
        #expect(outcome.diagnosis.contains("Attempted to kill init!"))
    }

    @Test func hangingGuestIsKilled() throws {
        let outcome = try run(job: "hang\n", clock: .real(.emulated), deadline: .seconds(8))
        #expect(outcome.ending == nil)
        #expect(outcome.diagnosis.hasPrefix("the guest still runs"))
    }

    @Test func brokenKernelIsToldWithQEMUsWords() throws {
        let file = try folder.file("vmlinux", Array("no kernel".utf8))
        let kernel = PreparedKernel(release: "0", origin: "test", image: file, modules: [])
        let machine = try GuestMachine(.init(kernel: kernel, image: GuestImage(files: []), clock: .virtual(seed: 1), launcher: nil))
        var watched = pollfd(fd: machine.exitDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 20000) == 1)
        #expect(machine.ending == .machine(.exited(1)))
        // QEMU's own words, whatever they are in its version.
        #expect(machine.diagnosis().hasPrefix("QEMU ended with exit status 1\n  qemu"))
        machine.stop()
    }

    @Test func lettingGoEndsTheMachine() throws {
        var exitDescriptor: Int32 = -1
        do {
            let kernel = try Requirements.kernel()
            let machine = try GuestMachine(.init(kernel: kernel, image: GuestImage(files: []), clock: .virtual(seed: 1), launcher: nil))
            exitDescriptor = dup(machine.exitDescriptor)
        }
        let kept = FileDescriptor(owning: exitDescriptor)
        var watched = pollfd(fd: kept.rawValue, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 0) == 1)
    }
}
