import ArgumentParser
import LabKeeper

struct CleanUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Remove what a killed rehearsal or lab has left on this machine.",
        discussion: """
            Removes exactly the namespaces that a journal says Resetlab made and whose agent has ended, and the folders of labs whose keeper has. \
            Labs that stand or are rehearsed, and everything else, are left alone. Needs root. A guest leaves nothing behind.
            """)

    func run() throws {
        // Looking for them removes what dead keepers have left.
        let standing = try telling { try LabsFolder().standing() }
        let report = try Place.cleanUpHost()
        for name in report.removed { print("removed namespace \(name)") }
        for name in report.running { print("left alone, its agent runs: \(name)") }
        for folder in standing { print("left alone, it stands: lab \(folder.lab)") }
        for failure in report.failures { standardError("resetlab: not removed: \(failure)") }
        if report.removed.isEmpty && report.failures.isEmpty { print("nothing to remove") }
        if !report.failures.isEmpty { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}
