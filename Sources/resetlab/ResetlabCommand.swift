import ArgumentParser
import Glibc
import Processes

@main
struct ResetlabCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resetlab",
        abstract: "Rehearse the reset of an IPsec VPN gateway, with real packets, and measure the outage.",
        discussion: """
            Start with:  resetlab rehearse topologies/two-sites.yaml
            Work in it:  resetlab up topologies/two-sites.yaml

            Exit codes: 0 it ran, 1 an expectation or a check failed, 2 bad input, 3 this machine cannot run it, 4 it went wrong, 130 and 143 ended by \
            SIGINT and SIGTERM.
            """,
        version: resetlabVersion,
        subcommands: [KeepCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Rehearsals",
                subcommands: [RehearseCommand.self, ReportCommand.self, CompareCommand.self, CheckCommand.self, SchemaCommand.self]),
            CommandGroup(
                name: "A lab to work in",
                subcommands: [
                    UpCommand.self, ListCommand.self, StatusCommand.self, ResetCommand.self, FailCommand.self, MaintainCommand.self,
                    CutCommand.self, RestoreCommand.self, FlapCommand.self, ImpairCommand.self, ExecCommand.self, ShellCommand.self,
                    CaptureCommand.self, HealthCommand.self,
                    SupportBundleCommand.self, DownCommand.self,
                ]),
            CommandGroup(
                name: "The real service's own commands", subcommands: [ServeCommand.self, ImportCommand.self, ExportCommand.self]),
            CommandGroup(name: "This machine", subcommands: [DoctorCommand.self, CalibrateCommand.self, CleanUpCommand.self]),
        ])

    /// Not the parser's own `main`: its exit code for bad arguments is 64, and the launcher's step must come before any parsing.
    static func main() {
        Launcher.runIfAsked(CommandLine.arguments)
        // A write beyond the file size limit is to fail with EFBIG, so that what was begun is removed.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            standardError("resetlab: \(failure.message)")
            Glibc.exit(failure.status.rawValue)
        } catch {
            switch exitCode(for: error) {
            case .validationFailure:
                standardError(fullMessage(for: error))
                Glibc.exit(ExitStatus.badInput.rawValue)
            // Not one of the parser's own, such as the request for help.
            case .failure where !(error is ExitCode):
                standardError("resetlab: \(error)")
                Glibc.exit(ExitStatus.failed.rawValue)
            default:
                exit(withError: error)
            }
        }
    }
}

/// What the report calls this program.
let resetlabVersion = "0.1.0"

/// The exit codes, as `resetlab --help` lists them.
enum ExitStatus: Int32 {
    case succeeded = 0
    case expectationFailed = 1
    case badInput = 2
    case unsupported = 3
    /// Something went wrong that is neither the input's nor the machine's doing.
    case failed = 4
    /// As shells report a command that SIGINT ended.
    case interrupted = 130
    case terminated = 143
}

/// Ends the command with a message and an exit code.
struct CommandFailure: Error {
    var status: ExitStatus
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

func standardError(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
