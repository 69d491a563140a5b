import Foundation
import Glibc
import Processes
import TestRequirements
import Testing

/// A rehearsal that ends before its time, and one that cannot begin: what is told, and what is left.
@Suite(
    .serialized, .enabled(if: Controller.guestRequirement.letTestsRun, "\(Controller.guestRequirement.reason)"), .timeLimit(.minutes(15)))
struct EndingTests {
    let folder: TemporaryFolder
    let topology: String

    init() throws {
        folder = try TemporaryFolder()
        topology = try folder.file("small.yaml", SmallTopology.text)
    }

    /// What a guest could leave among the temporary files; the folders of all tests, and a bundle that another test makes, are not meant.
    private func temporaryFiles() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { name in
                ![TemporaryFolder.prefix, "resetlab-bundle."].contains { name.hasPrefix($0) }
                    && ["resetlab", "guest-image", "qemu"].contains { name.contains($0) }
            })
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]) func interrupted(signal: Int32, status: Int32) throws {
        let before = try temporaryFiles()
        let rehearsal = try RunningRehearsal(topology)
        rehearsal.controller.signal(signal)
        let ended = try rehearsal.end()
        #expect(ended.status == .exited(status))
        #expect(ended.errors.contains("ended by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"))
        #expect(rehearsal.emulatorEnds())
        #expect(try temporaryFiles() == before)
        #expect(try folder.contents == ["small.yaml"])
    }

    @Test func controllerKilled() throws {
        let before = try temporaryFiles()
        let rehearsal = try RunningRehearsal(topology)
        // The controller alone, not its process group.
        #expect(kill(rehearsal.controller.identifier, SIGKILL) == 0)
        #expect(try rehearsal.end().status == .signalled(SIGKILL))
        #expect(rehearsal.emulatorEnds())
        #expect(try temporaryFiles() == before)
    }

    @Test func emulatorKilled() throws {
        let rehearsal = try RunningRehearsal(topology)
        #expect(kill(rehearsal.emulator, SIGKILL) == 0)
        let ended = try rehearsal.end()
        #expect(ended.status == .exited(4))
        #expect(ended.errors.contains("QEMU ended with killed by signal 9"))
        #expect(rehearsal.emulatorEnds())
    }

    @Test func agentThatIsNoAgent() throws {
        // Process 1 of the guest that ends at once: the kernel panics, and its words are shown.
        let finished = try Controller.rehearse(topology, environment: ["RESETLAB_AGENT": "/bin/true"])
        #expect(finished.status == .exited(4))
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("Kernel panic"))
        #expect(finished.errorOutput.contains("Attempted to kill init!"))
    }

    @Test func agentThatIsAScript() throws {
        let script = try folder.file("agent", "#!/bin/sh\n")
        #expect(chmod(script, 0o755) == 0)
        let finished = try Controller.rehearse(topology, environment: ["RESETLAB_AGENT": script])
        #expect(finished.status == .exited(3), "\(finished.errorOutput)")
        #expect(finished.errorOutput.contains("not a 64-bit program"))
    }

    @Test(arguments: ["/nowhere/agent", "/etc/passwd", "/tmp"]) func agentThatIsNoProgram(path: String) throws {
        let finished = try Controller.rehearse(topology, environment: ["RESETLAB_AGENT": path])
        #expect(finished.status == .exited(3), "\(finished.errorOutput)")
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("RESETLAB_AGENT names \(path), which is no program"))
    }

    /// In a mount namespace of its own, since QEMU is looked for in the system's folders too.
    static let hiding: Requirement = .program("unshare", package: "util-linux")

    @Test(.enabled(if: hiding.letTestsRun, "\(hiding.reason)")) func withoutQEMU() throws {
        let emulator = try #require(ExecutableLookup.path(of: "qemu-system-x86_64"))
        let script = "mount --bind /dev/null \"$0\" && exec \"$1\" rehearse \"$2\" --backend guest"
        let finished = try Command(
            "unshare", ["--map-root-user", "--mount", "sh", "-c", script, emulator, Product.path("resetlab"), topology]
        ).runToEnd(limit: .seconds(60))
        #expect(finished.status == .exited(3), "\(finished.errorOutput)")
        #expect(finished.text.isEmpty)
        #expect(finished.errorOutput.contains("qemu-system-x86_64"))
        #expect(finished.errorOutput.contains("apt-get install"))
        #expect(finished.errorOutput.contains("qemu-system-x86"))
    }
}
