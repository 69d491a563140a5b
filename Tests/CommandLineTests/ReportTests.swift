import Foundation
import Glibc
import Processes
import TestRequirements
import Testing

/// `resetlab report`: a JSON report in other forms, on standard output and in a folder.
@Suite(.enabled(if: Controller.requirement.letTestsRun, "\(Controller.requirement.reason)"), .timeLimit(.minutes(15)))
struct ReportCommandTests {
    private let folder: TemporaryFolder
    private let example = Repository.path("docs/report.example.json")

    init() throws { folder = try TemporaryFolder() }

    private static let files = ["junit.xml", "report.html", "report.json", "report.md", "report.txt"]

    @Test("Each form as it is documented", arguments: ["html", "markdown", "junit", "json"])
    func forms(format: String) throws {
        let finished = try Controller.run("report", example, "--format", format)
        #expect(finished.status == .exited(0), "\(finished.errorOutput)")
        let name =
            ["html": "report.example.html", "markdown": "report.example.md", "junit": "junit.example.xml"][format] ?? "report.example.json"
        #expect(finished.text == (try String(contentsOfFile: Repository.path("docs/\(name)"), encoding: .utf8)))
    }

    @Test("A folder gets every form, is made where it is not there, and holds nothing half-written")
    func reportDir() throws {
        let target = "\(folder.path)/reports"
        for _ in 1...2 {
            let finished = try Controller.run("report", example, "--report-dir", target)
            #expect(finished.status == .exited(0), "\(finished.errorOutput)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == Self.files)
        }
        #expect(try String(contentsOfFile: "\(target)/report.json", encoding: .utf8) == String(contentsOfFile: example, encoding: .utf8))
    }

    @Test(
        "What is no report of ours is told by file, place, what was found and what is allowed",
        arguments: [
            ("", "found no whole JSON text"), ("{\"schema\": \"resetlab.rehearsal/3\", \"ver", "found no whole JSON text"),
            ("[]", "found another kind of value"), ("{}", "schema is missing"),
            ("{\"schema\": \"resetlab.rehearsal/2\"}", "found the format \"resetlab.rehearsal/2\""),
            ("{\"schema\": \"resetlab.rehearsal/3\"}", "version is missing"),
        ])
    func foreign(text: String, found: String) throws {
        let file = try folder.file("old.json", text)
        let finished = try Controller.run("report", file, "--report-dir", "\(folder.path)/reports")
        #expect(finished.status == .exited(2))
        for part in [file, found, "allowed: a report of the format resetlab.rehearsal/3"] {
            #expect(finished.errorOutput.contains(part), "\(finished.errorOutput)")
        }
        #expect(finished.output.isEmpty)
        #expect(try folder.contents == ["old.json"])
    }

    @Test("A folder that cannot be, is found out before anything is written")
    func noFolder() throws {
        let file = try folder.file("taken", "")
        for (target, reason) in [(file, "Not a directory"), ("\(folder.path)/none/below", "No such file or directory")] {
            let finished = try Controller.run("report", example, "--report-dir", target)
            #expect(finished.status == .exited(2))
            #expect(finished.errorOutput.contains(target) && finished.errorOutput.contains(reason), "\(finished.errorOutput)")
            #expect(finished.output.isEmpty)
        }
    }

    @Test(
        "A full disk leaves no half-written file under a final name",
        .enabled(if: geteuid() == 0, "a small file system is mounted for it: needs root"))
    func fullDisk() throws {
        // In a mount namespace of its own: room for the smaller files only.
        let script = """
            mount -t tmpfs -o size=28k none '\(folder.path)' &&
            '\(Product.path("resetlab"))' report '\(example)' --report-dir '\(folder.path)' >/dev/null; echo "status $?"; ls '\(folder.path)'
            """
        let finished = try Command("unshare", ["-m", "sh", "-c", script]).runToEnd()
        #expect(finished.text.contains("status 4"), "\(finished.text)\(finished.errorOutput)")
        #expect(finished.errorOutput.contains("No space left on device; it is as it was before"))
        #expect(!finished.text.contains(".tmp"))
        let whole = try String(contentsOfFile: example, encoding: .utf8)
        #expect(whole.utf8.count > 4_096 && finished.text.split(separator: "\n").count < Self.files.count + 1)
    }
}
