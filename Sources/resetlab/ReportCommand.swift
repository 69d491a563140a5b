import ArgumentParser
import Report

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show a JSON report again, in any of the forms.",
        discussion: "For example:  resetlab report old.json --format html > old.html")

    @Argument(help: "A report that resetlab rehearse has written as JSON.", completion: .file(extensions: ["json"]))
    var file: String

    @OptionGroup var output: ReportOutput

    func run() throws {
        let report = try ReportFile.read(file)
        try output.checkWritable()
        try output.put(report)
    }
}

/// Reports that were written before.
enum ReportFile {
    /// - Throws: `CommandFailure` for bad input: what was found where, and what is allowed.
    static func read(_ path: String) throws -> RehearsalReport {
        do {
            return try RehearsalReport(reading: try readFile(path))
        } catch let error as ReportReadingError {
            throw CommandFailure(.badInput, "\(path): \(error)")
        }
    }
}
