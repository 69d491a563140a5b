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
            ("", ": 1:1: found the end"), ("{\"schema\": \"resetlab.rehearsal/3\", \"ver", ": 1:40: found the end"),
            ("[]", "found a value of another type"), ("{}", "schema: found none"),
            ("{\"schema\": \"resetlab.rehearsal/2\"}", "schema: found resetlab.rehearsal/2; allowed: resetlab.rehearsal/3"),
            ("{\"schema\": \"resetlab.rehearsal/3\"}", "found no version"),
        ])
    func foreign(text: String, found: String) throws {
        let file = try folder.file("old.json", text)
        let finished = try Controller.run("report", file, "--report-dir", "\(folder.path)/reports")
        #expect(finished.status == .exited(2))
        for part in [file, found, "; allowed: "] {
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
        "A full disk leaves a folder of reports as it was, whatever there is room for",
        .enabled(if: geteuid() == 0, "a small file system is mounted for it: needs root"), arguments: [36, 44, 52, 60])
    func fullDisk(kilobytes: Int) throws {
        // In a mount namespace of its own. Five old reports are there.
        let old = Self.files.map { "echo old > '\(folder.path)/\($0)'" }.joined(separator: " && ")
        let script = """
            mount -t tmpfs -o size=\(kilobytes)k none '\(folder.path)' && \(old) &&
            '\(Product.path("resetlab"))' report '\(example)' --report-dir '\(folder.path)' >/dev/null; echo "status $?"
            ls '\(folder.path)'; cat '\(folder.path)'/*
            """
        let finished = try Command("unshare", ["-m", "sh", "-c", script]).runToEnd()
        #expect(finished.text.split(separator: "\n").map(String.init) == ["status 4"] + Self.files + Self.files.map { _ in "old" })
        #expect(finished.errorOutput.contains("No space left on device; it is as it was before"), "\(finished.errorOutput)")
    }

    @Test("A file size limit is an error like any other")
    func sizeLimit() throws {
        let script =
            "ulimit -f 8; '\(Product.path("resetlab"))' report '\(example)' --report-dir '\(folder.path)' >/dev/null; echo \"status $?\""
        let finished = try Command("sh", ["-c", script]).runToEnd()
        #expect(finished.text == "status 4\n")
        #expect(finished.errorOutput.contains("File too large; it is as it was before"), "\(finished.errorOutput)")
        #expect(try folder.contents.isEmpty)
    }
}
