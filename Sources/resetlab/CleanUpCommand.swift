import ArgumentParser
import GuestKernel
import LabKeeper

struct CleanUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup",
        abstract: "Remove what a killed rehearsal or lab has left on this machine.",
        discussion: """
            Removes exactly the namespaces that a journal says Resetlab made and whose agent has ended, and the folders of labs whose keeper has. \
            Labs that stand or are rehearsed, and everything else, are left alone. Needs root. A guest leaves nothing behind, except that one \
            killed while its template was written leaves that file, which is removed too.

            --templates removes the saved guests that rehearsals start from, and nothing else; the next one saves one anew. \
            It does not need root.
            """)

    @Flag(help: "Remove the saved guests (templates) in the cache folder, and nothing else.")
    var templates = false

    func run() throws {
        if templates { return try removeTemplates() }
        let abandoned = (try? CacheFolder()).map { TemplateCache(folder: $0).removeAbandoned() } ?? []
        for path in abandoned { print("removed \(path)") }
        // Looking for them removes what dead keepers have left.
        let standing = try telling { try LabsFolder().standing() }
        let report = try Place.cleanUpHost()
        for name in report.removed { print("removed namespace \(name)") }
        for name in report.running { print("left alone, its agent runs: \(name)") }
        for folder in standing { print("left alone, it stands: lab \(folder.lab)") }
        for failure in report.failures { standardError("resetlab: not removed: \(failure)") }
        if report.removed.isEmpty && report.failures.isEmpty && abandoned.isEmpty { print("nothing to remove") }
        if !report.failures.isEmpty { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private func removeTemplates() throws {
        do {
            let cache = TemplateCache(folder: try CacheFolder())
            let abandoned = cache.removeAbandoned()
            for path in abandoned { print("removed \(path)") }
            let removed = cache.removeAll()
            if removed.count > 0 { print("removed \(removed.description)") }
            if removed.count == 0 && abandoned.isEmpty { print("nothing to remove") }
        } catch let error as GuestKernelError {
            throw CommandFailure(.failed, "\(error)")
        }
    }
}
