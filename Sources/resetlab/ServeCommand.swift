import ArgumentParser
import Glibc
import LinuxKernel
import Processes

/// The server is a program of its own, so that a rehearsal's build stays small; this starts it in this one's place.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Start labs and serve them: the real service's management API, and a portal.",
        discussion: "Everything behind it goes to resetlab-portal, which scripts/build resetlab-portal makes: resetlab serve TOPOLOGY… "
            + "--resource-group GROUP. With --help it tells its own options.")

    @Argument(parsing: .captureForPassthrough, help: "Topology files, and options of resetlab-portal.")
    var arguments: [String] = []

    func run() throws {
        let program = try Self.program()
        var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        pointers.append(nil)
        execv(program, pointers)
        throw CommandFailure(.unsupported, "\(program) cannot be started: \(Errno.last.message)")
    }

    /// Beside this program.
    private static func program() throws -> String {
        let program = try OwnExecutable.sibling("resetlab-portal")
        guard access(program, X_OK) == 0 else {
            throw CommandFailure(.unsupported, "\(program) is not there: scripts/build resetlab-portal makes it")
        }
        return program
    }
}
