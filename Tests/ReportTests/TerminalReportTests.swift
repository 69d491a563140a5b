import LabPlan
import Measurement
import Preflight
import Testing

@testable import Report

@Suite struct TerminalReportTests {
    private func text(_ flows: [FlowResult], clearText: UInt64 = 0) -> String {
        TerminalReport(Sample.report(flows: flows, clearText: clearText), usesColour: false).text
    }

    private func line(_ flow: FlowResult) -> String {
        text([flow]).split(separator: "\n").first { $0.hasPrefix(flow.connection) }.map(String.init) ?? ""
    }

    @Test("The whole text")
    func golden() throws {
        let text = TerminalReport(Sample.example(), usesColour: false).text
        try Documentation.expectExample("report.example.txt", equals: text)
        #expect(text.split(separator: "\n").map(\.displayWidth).max() ?? 0 <= 100)
    }

    @Test("With colours the text is the same")
    func colours() {
        let plain = TerminalReport(Sample.example(), usesColour: false).text
        let coloured = TerminalReport(Sample.example(), usesColour: true).text
        #expect(coloured != plain)
        #expect(coloured.replacing(/\u{1b}\[[0-9]+m/, with: "") == plain)
    }

    @Test("An outage's state is told")
    func states() {
        #expect(line(Sample.flow("hq", .toSite, Sample.trace(lost: 700))).contains("70.0 ±0.1 s  not recovered"))
        #expect(line(Sample.flow("hq", .toSite, Sample.trace(lost: 690))).contains("69.0 ±0.1 s   69.1 ±0.1 s?"))
        #expect(line(Sample.flow("hq", .toSite, Sample.trace(lost: 9, background: Set(0..<200)))).contains("20.9 ±0.1 s  never up before"))
        #expect(line(Sample.flow("hq", .toSite, Sample.trace(lost: 0))).hasSuffix("no loss        no loss"))
        #expect(line(Sample.flow("hq", .toSite, Sample.trace(lost: 0, background: [9]), minimumRun: 3)).contains("no outage"))
    }

    @Test("Steps, differences and sources are told")
    func sections() throws {
        var plan = Sample.plan()
        plan.rehearsal.name = "storm"
        plan.rehearsal.steps.append(.init(.next(after: .zero), .waitUntilRecovered(limit: .seconds(120))))
        let check = ConnectionCheck(
            connection: "hq", site: "hq-site",
            items: [
                .init(name: "IKE encryption", site: "AES128", gateway: "AES256", verdict: .differs),
                .init(name: "mode", site: "Default", gateway: "Default", verdict: .ok),
            ])
        let text = TerminalReport(Sample.report(plan: plan, checks: [check]), usesColour: false).text
        #expect(text.contains("\nSteps    storm\nat 20 s  reset gateway\nthen     wait until recovered, 120 s at most\n"))
        #expect(
            text.contains(
                "\nDifferences between both sides, passed over as asked for\nhq              hq-site  gateway\nIKE encryption  AES128   AES256   DIFFERS\n"
            ))
        #expect(
            text.contains("\nSources of the timing\n  Highly available connectivity, 2025-03.\n  - boot: The document gives none.\n"))
    }

    @Test("Long sources go on over lines")
    func longSources() {
        var report = Sample.report()
        report.timing.sources = [String(repeating: "word ", count: 40) + "end."]
        let lines = TerminalReport(report, usesColour: false).text.split(separator: "\n").filter { $0.contains("word") }
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.displayWidth <= 100 })
        #expect(lines[0].hasPrefix("  word") && lines[1].hasPrefix("    word"))
    }

    @Test("Names of any width stay aligned")
    func width() {
        let flows = ["hq", "東京支店", "Zu\u{308}rich", "🏢"].map { Sample.flow($0, .toGateway, Sample.trace(lost: 1)) }
        let lines = text(flows).split(separator: "\n").filter { $0.contains("to gateway") }
        #expect(lines.count == 4)
        #expect(Set(lines.map { $0[..<$0.range(of: "to gateway")!.lowerBound].displayWidth }) == [12])
        #expect(Set(lines.map(\.displayWidth)).count == 1)
    }

    @Test("Of many flows the worst are shown, and how all did")
    func many() {
        let flows = (0..<41).map { Sample.flow("site-\($0)", .toSite, Sample.trace(lost: $0 == 7 ? 700 : $0)) }
        let lines = text(flows).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("site-") }
        #expect(rows.count == 20)
        #expect(rows.first?.hasPrefix("site-7 ") == true)
        #expect(rows.dropFirst().first?.hasPrefix("site-40 ") == true)
        #expect(lines.contains { $0.contains("worst 20 of 41 flows") && $0.contains("min 0.0 s, median 2.1 s, max 70.0 s") })
        #expect(text(Array(flows.prefix(40))).split(separator: "\n").filter { $0.hasPrefix("site-") }.count == 40)
    }

    @Test("A failed expectation and the failed verdict are told")
    func failure() {
        let text = text(Sample.flows, clearText: 1)
        #expect(text.contains("FAILED  all probes were encrypted on their way: probes seen in clear on the internet: 1\nFailed.\n"))
    }

    @Test(
        "Resolution decides the decimals",
        arguments: [
            (Int64(1_000_000_000), 0), (100_000_000, 1), (333_333_333, 1), (20_000_000, 2), (1_000_000, 3), (5_000_000_000, 0), (0, 9),
        ])
    func decimals(resolution: Int64, decimals: Int) {
        #expect(OutageText.decimals(of: Milliseconds(nanoseconds: resolution)) == decimals)
    }
}
