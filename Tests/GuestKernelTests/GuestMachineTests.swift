import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import Processes
import TestRequirements
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
        var isRestored = false
        var fallback: String?
    }

    /// Runs a machine until it ends by itself or the deadline kills it.
    private func run(
        job: String, clock: GuestClock = .virtual(seed: 1), input: String = "", pause: UInt32 = 0, deadline: Duration = .seconds(90),
        templates: TemplateCache? = nil
    ) throws -> Outcome {
        let kernel = try Requirements.kernel()
        let image = try GuestImage(agent: agent, kernel: kernel)
        var outcome = Outcome()
        let machine = try GuestMachine(
            .init(kernel: kernel, image: image, job: Array(job.utf8), clock: clock, templates: templates, launcher: nil),
            fallback: { outcome.fallback = $0 })
        outcome.isRestored = machine.isRestored
        let loop = try EventLoop()
        try machine.attach(to: loop)
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
        let other = try run(job: "write 1048576\nstatus 0\n")
        #expect(other.console != first.console)
    }

    @Test func seedDecidesRandomness() throws {
        let first = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 1))
        let second = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 2))
        let again = try run(job: "random\nstatus 0\n", clock: .virtual(seed: 2))
        #expect(first.stream != second.stream)
        #expect(second == again)
    }

    /// Without an idle driver, or with grace periods that the processor itself looks after, it is twice as many and more.
    @Test func processorSleepsUntilSomethingHappens() throws {
        let outcome = try run(job: "sleep 200\nstatus 0\n")
        let lines = String(decoding: outcome.stream, as: UTF8.self).split(separator: "\n")
        let woken = try #require(lines.first { $0.hasPrefix("woken ") }.flatMap { Int($0.dropFirst("woken ".count)) })
        #expect((200..<350).contains(woken))
        #expect(!lines.contains { $0.hasPrefix("failed") })
    }

    // MARK: - Templates

    private func templates(_ name: String = "cache") -> TemplateCache { TemplateCache(folder: CacheFolder(path: "\(folder.path)/\(name)")) }

    /// What a run of the template shows, and of the cold start from the template point on.
    private func lines(_ outcome: Outcome) -> (stream: [Substring], console: [Substring]) {
        let stream = String(decoding: outcome.stream, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("module ") }
        return (
            Array(stream.drop { !$0.hasPrefix("job ") }),
            Array(outcome.console.split(separator: "\n").drop { !$0.hasPrefix("uptime began") })
        )
    }

    @Test func templateGoesOnAsTheColdStartDoes() throws {
        let job = "random\nwrite 65536\nrandom\nstatus 5\n"
        for seed: UInt64 in [1, 2] {
            let clock = GuestClock.virtual(seed: seed)
            let cold = try run(job: job, clock: clock)
            let saved = try run(job: job, clock: clock, templates: templates())
            let again = try run(job: job, clock: clock, templates: templates())
            #expect(!cold.isRestored && saved.isRestored && again.isRestored, "\(saved.fallback ?? "")")
            for outcome in [saved, again] {
                #expect(outcome.ending == .agent(status: 5))
                #expect(lines(outcome).stream == lines(cold).stream)
                #expect(lines(outcome).console == lines(cold).console)
            }
            // Its times and random numbers are in it.
            #expect(lines(cold).console.count > 2)
            #expect(lines(cold).stream.count { $0.hasPrefix("random ") } == 2)
        }
        // Both seeds had the same one.
        #expect(templates().contents.count == 1)
    }

    @Test(arguments: ["truncated", "changed", "emptied", "other"]) func damagedTemplateIsMadeAnew(how: String) throws {
        let whole = try run(job: "random\nstatus 0\n", templates: templates())
        let path = try #require(try FileTree.files(below: templates().path).first)
        let size = try FileTree.read(path).count
        switch how {
        case "truncated": #expect(truncate(path, size - 4096) == 0)
        case "emptied": #expect(truncate(path, 0) == 0)
        case "other":
            // A whole page in the middle of the kernel is gone, as after a crash that lost it.
            let file = FileDescriptor(owning: open(path, O_RDWR))
            #expect(pwrite(file.rawValue, [UInt8](repeating: 0, count: 4096), 4096, 20 << 20) == 4096)
        default:
            let file = FileDescriptor(owning: open(path, O_RDWR))
            var byte: UInt8 = 0
            #expect(pread(file.rawValue, &byte, 1, 17 << 20) == 1)
            byte ^= 1
            #expect(pwrite(file.rawValue, &byte, 1, 17 << 20) == 1)
        }
        var again = try run(job: "random\nstatus 0\n", templates: templates())
        // Beside heavy load one was seen that was booted instead, which may be, if it says why; then it is the next one's turn.
        for _ in 0..<2 where !again.isRestored {
            #expect(again.fallback != nil)
            again = try run(job: "random\nstatus 0\n", templates: templates())
        }
        #expect(again.isRestored && again == whole, "\(again.fallback ?? "")")
        // What is there now is whole.
        let key = String(path.split(separator: "/").last?.dropLast(".template".count) ?? "")
        _ = try GuestTemplate(path: path, memory: 512, key: key)
    }

    @Test func withoutAFolderTheGuestIsBooted() throws {
        _ = try folder.file("cache", [])
        let outcome = try run(job: "status 4\n", templates: templates())
        #expect(outcome.ending == .agent(status: 4) && !outcome.isRestored)
        #expect(outcome.fallback?.contains("\(folder.path)/cache") == true, "\(outcome.fallback ?? "nothing was told")")
    }

    @Test func whileAnotherSavesItTheGuestIsBooted() throws {
        let first = try run(job: "status 0\n", templates: templates())
        #expect(first.isRestored)
        let path = try #require(try FileTree.files(below: templates().path).first)
        let partial = String(path.dropLast("template".count)) + "partial"
        try FileTree.rename(path, to: partial)
        let file = FileDescriptor(owning: open(partial, O_RDWR | O_CLOEXEC))
        #expect(flock(file.rawValue, LOCK_EX) == 0)
        let outcome = try run(job: "status 6\n", templates: templates())
        #expect(outcome.ending == .agent(status: 6) && !outcome.isRestored)
        #expect(outcome.fallback == "another rehearsal is saving it")
        // Killed, it leaves half of the file without the lock, which is no template.
        #expect(truncate(partial, 100 << 20) == 0)
        flock(file.rawValue, LOCK_UN)
        #expect(try run(job: "status 6\n", templates: templates()).isRestored)
        #expect(try FileTree.files(below: templates().path) == [path])
    }

    @Test func realTimeHasInput() throws {
        let outcome = try run(job: "", clock: .real(.emulated), input: "echo hello over there\nstatus 3\n")
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
        // Nobody tells it what to do.
        let outcome = try run(job: "", clock: .real(.emulated), deadline: .seconds(8))
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
