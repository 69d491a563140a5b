import ArgumentParser
import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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
    private struct Header: Decodable {
        var schema: String
    }

    /// - Throws: `CommandFailure` for bad input: what was found where, and what is allowed.
    static func read(_ path: String) throws -> RehearsalReport {
        let text = try readFile(path)
        let allowed = "allowed: a report of the format \(RehearsalReport.schemaIdentifier), as resetlab rehearse --format json writes it"
        func failure(_ found: String) -> CommandFailure { CommandFailure(.badInput, "\(path): \(found); \(allowed)") }
        do {
            let schema = try JSONDecoder().decode(Header.self, from: Data(text.utf8)).schema
            guard schema == RehearsalReport.schemaIdentifier else { throw failure("found the format \"\(schema)\"") }
            return try RehearsalReport(json: text)
        } catch let error as DecodingError {
            throw failure(words(error))
        }
    }

    private static func words(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let keys = context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
            return keys.isEmpty ? "the report" : String(keys.drop { $0 == "." })
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context)): \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return "\(place(context)): found another kind of value"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "found no whole JSON text" : "\(place(context)): \(context.debugDescription)"
        @unknown default: return "found something else"
        }
    }
}
