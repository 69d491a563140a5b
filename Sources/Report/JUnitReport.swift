/// The expectations as JUnit XML: one test case each, in the form that CI systems read (the Ant task's `testsuite`).
///
/// The suite's time is how long was measured, never what this machine took.
public struct JUnitReport {
    private let report: RehearsalReport

    public init(_ report: RehearsalReport) { self.report = report }

    /// Ends with a newline.
    public var text: String {
        let name = "\(report.topology) \(report.rehearsal.name)"
        let failures = report.expectations.count { !$0.holds }
        let properties = [
            ("seed", "\(report.seed)"), ("kernel", report.kernel), ("clock", report.clock.rawValue), ("backend", report.backend.rawValue),
            ("resetlab", report.version),
        ].map { Markup.tag("property", ["name": $0, "value": $1]) }
        let cases = report.expectations.map { expectation in
            Markup.tag(
                "testcase", ["name": expectation.text, "classname": "resetlab.\(report.rehearsal.name)", "time": "0"],
                expectation.holds
                    ? [.tag("system-out", [:], "\(expectation.found)")]
                    : [.tag("failure", ["message": expectation.found, "type": "expectation"], "\(expectation.text): \(expectation.found)")])
        }
        let suite = Markup.tag(
            "testsuite",
            [
                "name": name, "tests": "\(report.expectations.count)", "failures": "\(failures)", "errors": "0", "skipped": "0",
                "time": report.rehearsal.duration.shortText,
            ], [.tag("properties", [:], properties)] + cases)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + Markup.tag("testsuites", [:], suite).xml + "\n"
    }
}
