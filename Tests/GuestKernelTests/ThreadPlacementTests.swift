import CLinux
import EventLoop
import Glibc
import LinuxKernel
import Processes
import TestRequirements
import Testing

@testable import GuestKernel

@Suite struct ThreadPlacementTests {
    private static let processors = (0..<linux_most_processors()).filter { linux_is_usable_processor($0) == 1 }
    private static let requirement = Requirement(reason: processors.count > 1 ? "" : "there is but one processor to run on")

    /// As the kernel tells them, such as `0-1` or `1`.
    private func usable(by process: pid_t) throws -> String? {
        try FileContents.text("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
            .map { String($0.split(whereSeparator: \.isWhitespace)[1]) }
    }

    @Test(.enabled(if: requirement.letTestsRun, "\(requirement.reason)")) func threadsAreBoundToOneProcessor() throws {
        let process = try ChildProcess(Command("sleep", ["60"]))
        defer { process.kill() }
        let before = try usable(by: process.identifier)
        #expect(before != nil && before.flatMap { Int($0) } == nil)
        let placement = try #require(ThreadPlacement(of: process.identifier))
        let loop = try EventLoop()
        placement.attach(to: loop)
        #expect(try usable(by: process.identifier).flatMap { Int($0) } != nil)
        loop.timer(after: .milliseconds(1)) { loop.stop() }
        try loop.run()
        placement.detach()
    }

    @Test func aProcessThatHasEndedIsNotPlaced() throws {
        let process = try ChildProcess(Command("true", []))
        _ = process.wait(for: .seconds(60))
        #expect(ThreadPlacement(of: process.identifier) == nil)
    }
}
