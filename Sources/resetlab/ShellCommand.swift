import AgentProtocol
import ArgumentParser
import Glibc

struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Open a shell in a node of a standing lab.",
        discussion: """
            $SHELL, or /bin/sh where the lab has none. The exit code is the shell's; own failures are those of resetlab exec.
            """)

    @OptionGroup var lab: LabOption

    @Argument(help: "The node: internet, vnet, gateway-0, gateway-1, or a site.")
    var node: String

    func run() throws {
        let lab = try lab.connect()
        let index = try lab.node(named: node)
        let usesTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        var shells = ["/bin/sh"]
        if let own = getenv("SHELL").map({ String(cString: $0) }), !own.isEmpty, own != shells[0] { shells.insert(own, at: 0) }
        if usesTerminal { standardError("resetlab: \(node) of \(lab.description.plan.name); exit or Ctrl-D leaves it") }
        // A guest has no shell but its own.
        var refusal: CommandFailure?
        for shell in shells {
            do {
                let status = try telling {
                    try RemoteProgram(lab, usesTerminal: usesTerminal).run(
                        [shell], in: index, directory: currentFolder(), environment: environmentForLab(["SHELL=\(shell)"]))
                }
                throw ExitCode(status)
            } catch let failure as CommandFailure where failure.status == .badInput {
                refusal = failure
            }
        }
        if let refusal { throw refusal }
    }
}
