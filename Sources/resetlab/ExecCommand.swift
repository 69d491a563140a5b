import AgentProtocol
import ArgumentParser
import Glibc

struct ExecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program in a node of a standing lab.",
        discussion: """
            For example:  resetlab exec tokyo -- ping -c 3 10.1.0.4

            The program has this terminal, or standard input, output and error where they are none. It runs with the lab's privileges, in the node's \
            network; on the host its files are this machine's, in a guest the guest's.

            The exit code is the program's, 128 and its number for a signal. Own failures: 2 for a node or program that is not there, 4 for anything \
            that went wrong.
            """)

    @OptionGroup var lab: LabOption

    @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Set a variable in the program's environment.", valueName: "NAME=VALUE"))
    var env: [String] = []

    @Argument(help: "The node: internet, vnet, gateway-0, gateway-1, or a site.")
    var node: String

    @Argument(parsing: .postTerminator, help: "After --: the program and its arguments.")
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("no program is given; write it behind --, as in: resetlab exec \(node) -- ip route")
        }
        for variable in env where !variable.contains("=") || variable.hasPrefix("=") {
            throw ValidationError("--env: found \(variable); allowed: NAME=VALUE")
        }
    }

    func run() throws {
        let lab = try lab.connect()
        let node = try lab.node(named: node)
        let status = try telling {
            try RemoteProgram(lab, usesTerminal: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1)
                .run(command, in: node, directory: currentFolder(), environment: environmentForLab(env))
        }
        throw ExitCode(status)
    }
}
