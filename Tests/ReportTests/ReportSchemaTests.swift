import Foundation
import Report
import Testing

@Suite struct ReportSchemaTests {
    @Test("The documentation holds the same schema")
    func documentation() throws {
        #expect(try Documentation.text(of: "report.schema.json") == ReportSchema.json)
    }

    @Test("Reports have every required key and no unknown one")
    func reports() throws {
        let check = try JSONSchemaCheck(schema: ReportSchema.json)
        #expect(try check.violations(in: Sample.example().json()) == [])
        let never = Sample.flow("hq", .toSite, Sample.trace(lost: 700, background: Set(0..<200)))
        #expect(try check.violations(in: Sample.report(flows: [never], clearText: 5).json()) == [])
    }

    @Test("The schema names the report's own identifier")
    func identifier() { #expect(ReportSchema.json.contains("\"const\": \"\(RehearsalReport.schemaIdentifier)\"")) }

    @Test(
        "What does not fit is found",
        arguments: [
            ("\"seed\" : 42", "\"seed\" : \"42\"", "report.seed: not of type integer"),
            ("\"seed\" : 42", "\"sead\" : 42", "report: seed is missing"),
            ("\"seed\" : 42", "\"seed\" : 42, \"extra\" : 1", "report: extra is unknown"),
            ("\"state\" : \"recovered\"", "\"state\" : \"fine\"", "report.flows[0].outage.state: fine is none of"),
            ("\"unexplained\" : 3", "\"unexplained\" : -3", "report.flows[0].lossPeriods[1].causes.unexplained: too small"),
        ])
    func violations(text: String, replacement: String, violation: String) throws {
        let json = try Sample.example().json()
        #expect(json.contains(text))
        let found = try JSONSchemaCheck(schema: ReportSchema.json).violations(in: json.replacingOccurrences(of: text, with: replacement))
        #expect(found.contains { $0.hasPrefix(violation) })
    }
}
