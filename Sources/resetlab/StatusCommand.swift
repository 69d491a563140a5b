import AgentProtocol
import ArgumentParser
import Glibc
import LabKeeper

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a lab's instances, connections, SAs and present losses.")

    @OptionGroup var lab: LabOption

    @Flag(help: "Again each second, until the lab goes or this command is ended.")
    var watch = false

    @Option(help: "How the status is printed; JSON with --watch is one line a second.")
    var format: TextOrJSON = .text

    func run() throws {
        let client = try lab.connect()
        let redraws = watch && format == .text && isatty(STDOUT_FILENO) == 1
        while true {
            guard case .status(let status) = try telling({ try client.ask(.status) }) else {
                throw CommandFailure(.failed, "the lab answered with something else than its status")
            }
            let text = StatusText(status, of: client.description)
            switch format {
            case .json: emit(watch ? String(decoding: try JSONLines.encode(status), as: UTF8.self) : try jsonText(status) + "\n")
            // Home, what follows, and nothing of what was below.
            case .text where redraws: emit("\u{1b}[H\(text.text.replacing("\n", with: "\u{1b}[K\n"))\u{1b}[J")
            case .text: emit(watch ? text.line : text.text)
            }
            guard watch else { return }
            sleep(1)
        }
    }

    /// At once, also into a pipe.
    private func emit(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return }
            if count > 0 { written += count }
        }
    }
}
