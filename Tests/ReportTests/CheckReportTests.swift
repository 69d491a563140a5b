import Foundation
import LabPlan
import Preflight
import Report
import Testing
import Topology

@Suite struct CheckReportTests {
    static let secret = "s3cret-A"

    private func lab() throws -> LabPlan {
        let text = """
            resetlab: 1
            name: lab
            gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
            sites:
              - name: tokyo
                address: 198.51.100.10
                prefixes: [10.20.0.0/16]
                connection:
                  preSharedKey: {site: "\(Self.secret)", gateway: "\(Self.secret)2"}
                  policy: {site: {pfsGroup: PFS14}, gateway: {pfsGroup: PFS2048}}
              - {name: osaka, address: 198.51.100.20, prefixes: [10.30.0.0/16]}

            """
        return try Topology.load(text: text, file: "lab.yaml").plan(seed: 1)
    }

    @Test("Differences only")
    func differences() throws {
        let checks = ConnectionCheck.all(of: try lab())
        #expect(
            CheckTable(checks, differencesOnly: true, usesColour: false).text == """
                tokyo           tokyo      gateway
                pre-shared key  not shown  not shown  DIFFERS: the keys are not the same

                """)
        #expect(CheckTable([checks[1]], differencesOnly: true, usesColour: false).text.isEmpty)
    }

    @Test("Every item has its row")
    func rows() throws {
        let checks = ConnectionCheck.all(of: try lab())
        let text = CheckTable(checks, usesColour: false).text
        #expect(text.split(separator: "\n").count == 2 * 13 + 1)
        #expect(text.contains("\nPFS group          PFS14                       PFS2048                     note: two names of the same\n"))
        #expect(text.hasSuffix("\nBoth sides differ: tokyo.\n"))
        #expect(CheckTable([checks[1]], usesColour: false).text.hasSuffix("\nNo difference.\n"))
    }

    @Test("JSON, without a key in it")
    func json() throws {
        let plan = try lab()
        let report = CheckReport(topology: plan.topology, connections: ConnectionCheck.all(of: plan))
        #expect(report.verdict == .failed)
        let text = try report.json()
        #expect(try JSONDecoder().decode(CheckReport.self, from: Data(text.utf8)) == report)
        #expect(text.contains("\"schema\" : \"resetlab.check/1\""))
        for output in [text, CheckTable(report.connections, usesColour: true).text, "\(report)", String(reflecting: report)] {
            #expect(!output.contains(Self.secret))
        }
    }

    @Test("Only differences go into a rehearsal's report, which its schema allows for")
    func passedOver() throws {
        let checks = ConnectionCheck.all(of: try lab())
        let report = Sample.report(plan: Sample.plan(), checks: checks)
        #expect(report.checks.map(\.connection) == ["tokyo"])
        #expect(report.checks.first?.items.map(\.name) == ["pre-shared key"])
        let json = try report.json()
        #expect(!json.contains(Self.secret))
        #expect(try JSONSchemaCheck(schema: ReportSchema.json).violations(in: json) == [])
    }
}
