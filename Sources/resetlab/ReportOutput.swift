import ArgumentParser
import Glibc
import LinuxKernel
import Report

extension ReportFormat: ExpressibleByArgument {}

/// Where a report goes, besides standard output.
struct ReportOutput: ParsableArguments {
    @Option(help: "What is printed on standard output.")
    var format: ReportFormat = .table

    @Option(
        help: ArgumentHelp(
            "Write the report to this folder in every form: \(ReportFormat.allCases.map(\.fileName).joined(separator: ", ")).",
            valueName: "folder"), completion: .directory)
    var reportDir: String?

    /// To be called before the work whose result is to be written.
    ///
    /// - Throws: `CommandFailure` for bad input when no file can be made there.
    func checkWritable() throws {
        guard let reportDir else { return }
        if mkdir(reportDir, 0o755) != 0, Errno.last.code != EEXIST {
            throw CommandFailure(.badInput, "--report-dir: \(reportDir) cannot be made: \(Errno.last.message)")
        }
        for format in ReportFormat.allCases { try resetlab.checkWritable("\(reportDir)/\(format.fileName)") }
    }

    /// Prints the report, and writes its files.
    func put(_ report: RehearsalReport) throws {
        print(try format.text(of: report, usesColour: standardOutputUsesColour), terminator: "")
        guard let reportDir else { return }
        try write(ReportFormat.allCases.map { (path: "\(reportDir)/\($0.fileName)", bytes: Array(try $0.text(of: report).utf8)) })
    }
}
