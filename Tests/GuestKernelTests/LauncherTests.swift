import Glibc
import LinuxKernel
import Testing

@testable import Processes

/// The launcher's step is part of the `resetlab` executable, which the package manager builds beside the tests.
@Suite struct LauncherTests {
    static let executable: String? = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The tests' own executable is the test runner or the bundle, depending on the toolchain: both know their build folder.
        for argument in ["/proc/self/exe"] + CommandLine.arguments {
            let count = readlink(argument, &buffer, buffer.count)
            let path = count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : argument
            guard let slash = path.lastIndex(of: "/") else { continue }
            let executable = "\(path[..<slash])/resetlab"
            if access(executable, X_OK) == 0 { return executable }
        }
        return nil
    }()

    static var built: ConditionTrait {
        .enabled(if: executable != nil || Requirements.allAreRequired, "the resetlab executable is not built")
    }

    private func launcher() throws -> Launcher { Launcher(executable: try #require(LauncherTests.executable)) }

    @Test(built) func becomesTheProgram() throws {
        let finished = try Command("sh", ["-c", "echo $0 \"$1\"; exit 42", "name", "a b"]).runToEnd(launcher: try launcher())
        #expect(finished.status == .exited(42))
        #expect(finished.text == "name a b\n")
    }

    @Test(built) func programThatCannotBeExecuted() throws {
        let executable = try #require(LauncherTests.executable)
        let finished = try Command(executable, [Launcher.argument, String(getpid()), "/nowhere"]).runToEnd()
        #expect(finished.status == .exited(127))
        #expect(finished.errorOutput == "resetlab: cannot execute /nowhere: No such file or directory (ENOENT)\n")
    }

    @Test(built, arguments: [["1", "/bin/true"], ["x", "/bin/true"], ["1"], []]) func wrongParentOrArguments(arguments: [String]) throws {
        let executable = try #require(LauncherTests.executable)
        #expect(try Command(executable, [Launcher.argument] + arguments).runToEnd().status == .exited(126))
    }

    @Test(built) func diesWithItsParent() throws {
        let executable = try #require(LauncherTests.executable)
        let (reader, writer) = try Pipe().ends()
        let output = FileDescriptor(owning: reader)
        let input = FileDescriptor(owning: writer)
        // A shell in the controller's place, killed without a chance to clean up. Its child is in a group of its own, as QEMU is.
        let script = "set -m; \(executable) \(Launcher.argument) $$ /bin/sh -c 'echo started; exec sleep 100' & wait"
        let parent = try ChildProcess(Command("bash", ["-c", script]), descriptors: [1: input.rawValue])
        input.close()
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(read(output.rawValue, &buffer, buffer.count) == 8)
        // Only the shell, not its group.
        #expect(kill(parent.identifier, SIGKILL) == 0)
        #expect(parent.wait() == .signalled(SIGKILL))
        // The child has the pipe too: its end is the child's.
        var watched = pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0)
        try #require(poll(&watched, 1, 20000) == 1)
        #expect(read(output.rawValue, &buffer, buffer.count) == 0)
    }
}
