import Glibc
import LinuxKernel
import TestRequirements
import Testing

@testable import GuestKernel
@testable import Processes

@Suite struct ChildProcessTests {
    @Test(arguments: [0, 1, 42, 255] as [Int32]) func exitStatus(status: Int32) throws {
        let finished = try Command("sh", ["-c", "exit \(status)"]).runToEnd()
        #expect(finished.status == .exited(status))
        #expect(finished.status.isSuccess == (status == 0))
    }

    @Test func deathBySignal() throws {
        #expect(try Command("sh", ["-c", "kill -TERM $$"]).runToEnd().status == .signalled(SIGTERM))
    }

    @Test(arguments: ["resetlab-no-such-program", "/nowhere/at/all", "/etc", "/etc/passwd"]) func missingProgram(name: String) {
        #expect(throws: ProcessError.notFound(program: name)) { try ChildProcess(Command(name)) }
    }

    @Test func programThatIsNoProgram() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("garbage", [1, 2, 3])
        chmod(file, 0o755)
        #expect(throws: ProcessError.notStarted(command: Command(file), errno: Errno(code: ENOEXEC))) { try ChildProcess(Command(file)) }
    }

    @Test func failureCarriesTheEndOfStandardError() throws {
        let command = Command("sh", ["-c", "echo one >&2; echo two >&2; echo out; exit 3"])
        let finished = try command.runToEnd()
        #expect(finished.text == "out\n")
        #expect(throws: ProcessError.failed(command: command, status: .exited(3), message: "one; two")) { try finished.checked() }
    }

    @Test func largeOutputsOnBothDescriptors() throws {
        let finished = try Command("sh", ["-c", "head -c 300000 /dev/zero >&2; head -c 3000000 /dev/zero"]).runToEnd()
        #expect(finished.output.count == 3_000_000)
        #expect(finished.errorOutput.utf8.count == 65536)
    }

    @Test func arguments() throws {
        let words = ["", "a b", "it's", "\"", "*", "ä"]
        let finished = try Command("printf", ["%s\\n"] + words).runToEnd()
        #expect(finished.text == words.map { $0 + "\n" }.joined())
    }

    @Test func environment() throws {
        let finished = try Command(
            "sh", ["-c", "echo $RESETLAB_TEST; test -n \"$PATH\" && echo path"], environment: ["RESETLAB_TEST": "a b"]
        )
        .runToEnd()
        #expect(finished.text == "a b\npath\n")
    }

    @Test func exactlyTheDescriptorsGiven() throws {
        // Two that change places, so that copying one after the other would lose one.
        let first = try MemoryFile(name: "first", contents: [Array("1".utf8)])
        let second = try MemoryFile(name: "second", contents: [Array("2".utf8)])
        let (reader, writer) = try Pipe().ends()
        let output = FileDescriptor(owning: reader)
        let input = FileDescriptor(owning: writer)
        // One that was left open by mistake.
        let leak = FileDescriptor(owning: fcntl(input.rawValue, F_DUPFD, 50))
        let low = min(first.descriptor.rawValue, second.descriptor.rawValue)
        let high = max(first.descriptor.rawValue, second.descriptor.rawValue)
        let lowHolds = low == first.descriptor.rawValue ? "1" : "2"
        let highHolds = lowHolds == "1" ? "2" : "1"
        let script =
            "for d in /proc/self/fd/*; do echo ${d##*/}; done | sort -n | tr '\\n' ' '; cat /proc/self/fd/\(low) /proc/self/fd/\(high)"
        let child = try ChildProcess(
            Command("bash", ["-c", script]), descriptors: [1: input.rawValue, low: high, high: low])
        input.close()
        #expect(child.wait() == .exited(0))
        #expect(fcntl(leak.rawValue, F_GETFD) == 0)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(output.rawValue, &buffer, buffer.count)
        let words = String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: " ")
        // The shell's own listing has one more: the folder it reads.
        let numbers = words.dropLast().compactMap { Int32($0) }
        #expect(Set(numbers).isSuperset(of: [0, 1, 2, low, high]) && !numbers.contains(leak.rawValue))
        #expect(numbers.filter { $0 > 2 && $0 != low && $0 != high }.count <= 1)
        #expect(words.last.map(String.init) == highHolds + lowHolds)
    }

    @Test func exitIsSeenThroughTheDescriptor() throws {
        let child = try ChildProcess(Command("sleep", ["100"]))
        var watched = pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 0) == 0)
        #expect(child.reap() == nil)
        child.signal(SIGTERM)
        #expect(poll(&watched, 1, 10000) == 1)
        #expect(child.reap() == .signalled(SIGTERM))
        #expect(child.reap() == .signalled(SIGTERM))
    }

    @Test func ownProcessGroup() throws {
        let child = try ChildProcess(Command("sleep", ["100"]))
        #expect(getpgid(child.identifier) == child.identifier)
        #expect(getpgid(child.identifier) != getpgrp())
    }

    @Test func signalsStartUnblocked() throws {
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        let finished = try Command("grep", ["-E", "^Sig(Blk|Ign)", "/proc/self/status"]).runToEnd()
        let masks = finished.text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        // The C library's own signals, 32 and 33, are its business.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
    }

    @Test func killTakesTheWholeGroup() throws {
        let folder = try TemporaryFolder()
        let (reader, writer) = try Pipe().ends()
        let output = FileDescriptor(owning: reader)
        let input = FileDescriptor(owning: writer)
        // A grandchild, and nobody who obeys SIGTERM.
        let child = try ChildProcess(
            Command("sh", ["-c", "trap '' TERM; sleep 100 & echo $!; wait"]), descriptors: [1: input.rawValue])
        input.close()
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(output.rawValue, &buffer, buffer.count)
        let grandchild = try #require(pid_t(String(decoding: buffer[..<max(0, count - 1)], as: UTF8.self)))
        #expect(kill(grandchild, 0) == 0)
        #expect(child.kill() == .signalled(SIGKILL))
        #expect(child.kill() == .signalled(SIGKILL))
        // The output ends when the last process that has it is gone.
        #expect(read(output.rawValue, &buffer, buffer.count) == 0)
        _ = folder
    }

    @Test func lettingGoKills() throws {
        var identifier: pid_t = 0
        do {
            let child = try ChildProcess(Command("sleep", ["100"]))
            identifier = child.identifier
        }
        #expect(kill(identifier, 0) == -1 && errno == ESRCH)
    }

    @Test func waitingHasALimit() throws {
        let child = try ChildProcess(Command("sleep", ["100"]))
        #expect(child.wait(for: .milliseconds(1)) == nil)
        #expect(throws: ProcessError.timedOut(command: Command("sleep", ["100"]))) {
            try Command("sleep", ["100"]).runToEnd(limit: .milliseconds(1))
        }
    }

    @Test(arguments: [
        (Command("ls", ["-l", "/tmp"]), "ls -l /tmp"), (Command("echo", ["a b", "", "it's"]), "echo 'a b' '' 'it'\\''s'"),
        (Command("x", ["a=b,c", "$HOME"]), "x a=b,c '$HOME'"),
    ]) func commandsReadAsTyped(command: Command, text: String) {
        #expect(command.description == text)
    }
}

@Suite struct ExecutableLookupTests {
    @Test func firstInTheSearchPath() throws {
        let folder = try TemporaryFolder()
        for name in ["a/tool", "b/tool", "b/other", "a/other", "c/resetlab-x"] { try folder.file(name, [1]) }
        for name in ["b/tool", "a/other", "b/other"] { chmod("\(folder.path)/\(name)", 0o755) }
        let path = "\(folder.path)/a:\(folder.path)/b:\(folder.path)/c"
        // Not executable in a, so b's.
        #expect(ExecutableLookup.path(of: "tool", searchPath: path) == "\(folder.path)/b/tool")
        #expect(ExecutableLookup.path(of: "other", searchPath: path) == "\(folder.path)/a/other")
        #expect(ExecutableLookup.path(of: "resetlab-x", searchPath: path) == nil)
        #expect(ExecutableLookup.path(of: "sh", searchPath: "") != nil)
        #expect(ExecutableLookup.path(of: "\(folder.path)/b/tool", searchPath: "") == "\(folder.path)/b/tool")
    }
}

@Suite struct ByteTailTests {
    @Test func keepsTheEnd() {
        var tail = ByteTail(capacity: 4)
        tail.append([1, 2])
        #expect(Array(tail.bytes) == [1, 2])
        for byte in UInt8(3)...100 { tail.append([byte]) }
        #expect(Array(tail.bytes) == [97, 98, 99, 100])
        tail.append(Array(0...50))
        #expect(Array(tail.bytes) == [47, 48, 49, 50])
    }
}
