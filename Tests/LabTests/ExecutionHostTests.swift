import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel
import TestRequirements
import Testing

@testable import Lab

/// Programs in a namespace of their own, for real.
@Suite(
    .serialized, .enabled(if: ScratchNamespace.requirement.letTestsRun, "\(ScratchNamespace.requirement.reason)"), .timeLimit(.minutes(2)))
struct ExecutionHostTests {
    /// A program's run, and what it said.
    private final class Run {
        let loop: EventLoop
        let host: ExecutionHost
        let scratch: ScratchNamespace
        var program: RunningExecution?
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var largestPiece = 0
        var status: Int32?
        /// Whether what arrives is said to have been taken.
        var takes = true
        var heard: (Run) -> Void = { _ in }

        init(
            _ arguments: [String], environment: [String] = [], terminal: Execution.TerminalSize? = nil, directory: String? = nil
        ) throws {
            loop = try EventLoop()
            scratch = try ScratchNamespace("exec")
            host = ExecutionHost(loop: loop)
            let execution = Execution(
                node: 0, arguments: arguments, environment: environment, terminal: terminal, directory: directory)
            program = try host.start(execution, in: scratch.namespace) { [unowned self] piece in
                largestPiece = max(largestPiece, piece.bytes.bytes.count)
                if piece.descriptor == 1 { output += piece.bytes.bytes } else { errors += piece.bytes.bytes }
                if takes { try? program?.input(.taken(piece.bytes.bytes.count)) }
                heard(self)
            } ended: { [unowned self] end in
                status = end.status
                loop.stop()
            }
        }

        @discardableResult func toEnd() throws -> Run {
            try loop.run()
            return self
        }

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    private static func shell(_ script: String, terminal: Execution.TerminalSize? = nil) throws -> Run {
        try Run(["/bin/sh", "-c", script], terminal: terminal)
    }

    @Test func saysWhatTheProgramSaysAndItsStatus() throws {
        let run = try Self.shell("echo out; echo err >&2; exit 7").toEnd()
        #expect(run.text == "out\n")
        #expect(run.errors == Array("err\n".utf8))
        #expect(run.status == 7)
    }

    @Test func isInTheNamespaceAndSeesItsInterfaces() throws {
        let run = try Self.shell("stat -L -c %i /proc/self/ns/net; ls /sys/class/net").toEnd()
        #expect(run.text == "\(run.scratch.namespace.identity.inode)\nlo\n")
    }

    @Test func tellsASignalAsShellsDo() throws {
        #expect(try Self.shell("kill -9 $$").toEnd().status == 137)
    }

    /// Descriptors 0, 1, 2 and the one that lists them.
    @Test func hasNoDescriptorsButItsOwn() throws {
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        #expect(try Run(["ls", "/proc/self/fd"]).toEnd().text == "0\n1\n2\n3\n")
    }

    /// Signals 32 and 33 are the C library's own, which lets nobody set them: they stay as they were inherited.
    @Test func signalsAreAsUsual() throws {
        let run = try Run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]).toEnd()
        let sets = run.text.split(separator: "\n").compactMap { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
        #expect(sets.map { $0 & ~0x1_8000_0000 } == [0, 0])
    }

    @Test func nothingOfTheOutputIsLost() throws {
        let run = try Self.shell("head -c 3000000 /dev/zero | tr '\\0' x; exit 3").toEnd()
        #expect(run.output.count == 3_000_000)
        #expect(run.largestPiece <= ExecutionReader.largestPiece)
        #expect(run.status == 3)
    }

    @Test func nothingOfATerminalsOutputIsLost() throws {
        let run = try Self.shell("head -c 300000 /dev/zero | tr '\\0' x", terminal: .init(rows: 24, columns: 80)).toEnd()
        #expect(run.output.count == 300_000)
        #expect(run.status == 0)
    }

    /// Whoever takes nothing stops the program, and gets all of it in the end.
    @Test func outputWaitsUntilItIsTaken() throws {
        let run = try Self.shell("head -c 3000000 /dev/zero")
        run.takes = false
        let window = ExecutionInput.flowWindow
        run.heard = { run in
            // One piece can have begun below the window.
            #expect(run.output.count < window + ExecutionReader.largestPiece)
            if run.output.count >= window {
                run.heard = { _ in }
                run.loop.timer(after: .milliseconds(50)) {
                    #expect(run.status == nil && run.output.count < window + ExecutionReader.largestPiece)
                    run.takes = true
                    try? run.program?.input(.taken(run.output.count))
                }
            }
        }
        try run.toEnd()
        #expect(run.output.count == 3_000_000)
    }

    @Test func inputArrivesAndEnds() throws {
        let run = try Run(["cat"])
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var written = false
        try run.program?.input(.bytes(Base64Bytes(bytes))) { written = true }
        try run.program?.input(.end)
        try run.toEnd()
        #expect(run.output == bytes)
        #expect(written)
        #expect(run.status == 0)
    }

    @Test func inputThatNobodyReadsIsNoError() throws {
        let run = try Self.shell("exec <&-; echo closed; sleep 0.1")
        var answered = false
        try run.program?.input(.bytes(Base64Bytes([UInt8](repeating: 0, count: 1_000_000)))) { answered = true }
        try run.toEnd()
        #expect(answered)
        #expect(run.status == 0)
    }

    @Test func aTerminalHasItsSize() throws {
        let run = try Self.shell(
            "tty >/dev/null && stty size; read line; stty size", terminal: .init(rows: 31, columns: 101))
        run.heard = { run in
            run.heard = { _ in }
            try? run.program?.input(.resize(.init(rows: 40, columns: 120)))
            try? run.program?.input(.bytes(Base64Bytes(Array("\n".utf8))))
        }
        try run.toEnd()
        #expect(run.text.split(whereSeparator: \.isWhitespace) == ["31", "101", "40", "120"])
        #expect(run.status == 0)
    }

    @Test func aTerminalsKeysAreSignals() throws {
        let run = try Self.shell(
            "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.05; done", terminal: .init(rows: 24, columns: 80))
        run.heard = { run in
            guard run.text.contains("ready") else { return }
            run.heard = { _ in }
            try? run.program?.input(.bytes(Base64Bytes([0x03])))
        }
        try run.toEnd()
        #expect(run.text.contains("interrupted"))
        #expect(run.status == 5)
    }

    @Test func endOfInputOnATerminal() throws {
        let run = try Run(["cat"], terminal: .init(rows: 24, columns: 80))
        try run.program?.input(.end)
        #expect(try run.toEnd().status == 0)
    }

    @Test func signalsReachTheProgram() throws {
        let run = try Self.shell("trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done")
        run.heard = { run in try? run.program?.input(.signal(SIGUSR1)) }
        #expect(try run.toEnd().status == 9)
    }

    @Test(arguments: [0, 65, -1]) func noSignalsNumber(number: Int32) throws {
        let run = try Run(["cat"])
        #expect(throws: AgentMessage.Failure.self) { try run.program?.input(.signal(number)) }
        run.program?.stop()
        try run.toEnd()
    }

    @Test func stopHangsUp() throws {
        let run = try Run(["cat"])
        run.program?.stop()
        #expect(try run.toEnd().status == 128 + SIGHUP)
    }

    @Test func stopKillsWhatDoesNotHangUp() throws {
        let run = try Self.shell("trap '' HUP; echo ready; while :; do sleep 0.05; done")
        run.heard = { run in run.program?.stop() }
        #expect(try run.toEnd().status == 128 + SIGKILL)
    }

    @Test func endAllKills() throws {
        let run = try Run(["cat"])
        run.host.endAll()
        #expect(try run.toEnd().status == 128 + SIGKILL)
    }

    /// What stays in the background keeps the pipe open: nobody waits for that.
    @Test func backgroundProcessesHoldNothingUp() throws {
        let run = try Self.shell("sleep 60 & echo $!; exit 4").toEnd()
        #expect(run.status == 4)
        let left = try #require(pid_t(run.text.dropLast()))
        #expect(kill(left, SIGKILL) == 0)
    }

    @Test func startsInTheFolderAndInRootWithoutIt() throws {
        #expect(try Run(["pwd"], directory: "/usr/lib").toEnd().text == "/usr/lib\n")
        #expect(try Run(["pwd"], directory: "/there is none").toEnd().text == "/\n")
        #expect(try Run(["bin/true"], directory: "/usr").toEnd().status == 0)
    }

    @Test func environmentIsOnTopOfTheAgents() throws {
        let run = try Run(["sh", "-c", "echo $MARK $PATH"], environment: ["MARK=1", "PATH=/usr/bin:/bin", "MARK=2"]).toEnd()
        #expect(run.text == "2 /usr/bin:/bin\n")
    }

    @Test(arguments: [
        (["no-such-program"], "no-such-program: not found in this lab's PATH (/usr/bin)"),
        (["/no/such/program"], "/no/such/program: there is no such program in this lab"),
        (["/etc"], "/etc: there is no such program in this lab"),
        ([], "there is no program to be run"),
        ([""], "there is no program to be run"),
        (["echo", "a\0b"], "echo: an argument or variable has a zero byte in it"),
    ]) func cannotBeStarted(arguments: [String], message: String) throws {
        let failure = #expect(throws: AgentMessage.Failure.self) { try Run(arguments, environment: ["PATH=/usr/bin"]) }
        #expect(failure?.message == message)
        #expect(failure?.kind == .badRequest)
    }

    @Test func notAProgram() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("program", [1])
        #expect(chmod(path, 0o755) == 0)
        let failure = #expect(throws: AgentMessage.Failure.self) { try Run([path]) }
        #expect(failure?.message == "\(path) cannot be executed: Exec format error")
        #expect(failure?.kind == .badRequest)
    }
}
