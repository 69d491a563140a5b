import Glibc
import LinuxKernel
import Processes
import TestRequirements

/// `resetlab` as its users start it.
enum Controller {
    static let requirement = Requirement.product("resetlab")
    /// For rehearsals in a guest.
    static let guestRequirement = Requirement.all([.guest, .product("resetlab"), .product("resetlab-agent")])

    /// Far above what any of the tests' rehearsals take, also on a busy machine.
    private static let limit = Duration.seconds(240)

    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> FinishedProcess {
        try command(arguments, environment: environment).runToEnd(limit: limit)
    }

    static func command(_ arguments: [String], environment: [String: String] = [:]) -> Command {
        Command(Product.path("resetlab"), arguments, environment: environment)
    }

    /// Rehearses in a guest, and prints JSON: 40 s with the reset after 15 s, so that an outage is over and its end seen to hold.
    static func rehearse(_ topology: String, _ more: String..., environment: [String: String] = [:]) throws -> FinishedProcess {
        let short = ["--backend", "guest", "--format", "json", "--duration", "40s", "--reset-at", "15s", "--rate", "20"]
        return try command(["rehearse", topology] + short + more, environment: environment).runToEnd(limit: limit)
    }
}

/// A controller in the middle of a rehearsal in a guest.
final class RunningRehearsal {
    let controller: ChildProcess
    let emulator: pid_t
    private let errors: FileDescriptor

    /// Returns as soon as the guest has computed for a while: it has booted, or is about to.
    init(_ topology: String) throws {
        let (reader, writer) = try Pipe().ends()
        errors = FileDescriptor(owning: reader)
        let errorEnd = FileDescriptor(owning: writer)
        // An hour of virtual time with many probes: not over before it is ended.
        let command = Controller.command(
            ["rehearse", topology, "--backend", "guest", "--clock", "virtual", "--duration", "3600s", "--rate", "100"])
        controller = try ChildProcess(command, descriptors: [2: errorEnd.rawValue])
        errorEnd.close()
        emulator = try Self.awaitEmulator(of: controller)
    }

    private static func awaitEmulator(of controller: ChildProcess) throws -> pid_t {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let ended = controller.reap() { throw RehearsalError("the controller ended already, with \(ended)") }
            for child in ProcessTable.children(of: controller.identifier) {
                guard let entry = ProcessTable.entry(of: child), entry.name.hasPrefix("qemu") else { continue }
                if entry.computed > .seconds(2) { return child }
            }
            usleep(20_000)
        }
        throw RehearsalError("no guest runs after 60 s")
    }

    /// Waits for the controller's end.
    func end() throws -> (status: ExitStatus, errors: String) {
        guard let status = controller.wait(for: .seconds(60)) else { throw RehearsalError("the controller does not end") }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(errors.rawValue, &piece, piece.count)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return (status, String(decoding: text, as: UTF8.self))
    }

    /// Whether QEMU is gone, or is so within a short time: the kernel ends it a moment after its parent.
    func emulatorEnds() -> Bool {
        for _ in 0..<250 {
            guard let entry = ProcessTable.entry(of: emulator), entry.name.hasPrefix("qemu"), !entry.isZombie else { return true }
            usleep(20_000)
        }
        return false
    }
}

struct RehearsalError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
