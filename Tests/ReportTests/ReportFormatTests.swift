import Foundation
import FoundationXML
import Measurement
import Report
import Testing

@Suite struct ReportFormatTests {
    /// A connection's name with what HTML, XML and Markdown take for their own.
    private static let hostile = "<script>alert(\"1\")</script> & | `x` *b*\u{1}"

    private static func hostileReport() -> RehearsalReport {
        Sample.report(flows: [Sample.flow(hostile, .toGateway, Sample.trace(lost: 3))], maximumOutage: .seconds(1), clearText: 1)
    }

    @Test("The documented examples, to the byte", arguments: [ReportFormat.html, .markdown, .junit])
    func examples(format: ReportFormat) throws {
        let name = format.fileName.replacing("report", with: "report.example").replacing("junit", with: "junit.example")
        try Documentation.expectExample(name, equals: format.text(of: Sample.example()))
    }

    @Test("Equal reports give equal bytes in every form", arguments: ReportFormat.allCases)
    func sameness(format: ReportFormat) throws {
        let report = Sample.example()
        let again = try RehearsalReport(json: report.json())
        #expect(try format.text(of: report) == format.text(of: again))
    }

    @Test("Names are text in a page, whatever they hold")
    func escapedPage() {
        let page = HTMLReport(Self.hostileReport()).text
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp;"))
        #expect(!page.contains("\u{1}"))
    }

    @Test("A page needs nothing from elsewhere, and has what a reader looks for")
    func page() {
        let page = HTMLReport(Sample.example()).text
        for source in ["http:", "https:", "src=", "href=", "url(\"", "@import", "<script"] { #expect(!page.contains(source), "\(source)") }
        for heading in [
            "Outages", "What it was to applications", "When probes were lost", "What the outages consisted of", "One-way delay",
            "Where the lost probes died", "Events",
            "Health", "Loss periods", "The lab", "How it was measured",
        ] { #expect(page.contains("<h2>\(heading)</h2>"), "\(heading)") }
        #expect(page.contains("<p class=\"headline\">11.8 ±0.1 s</p>"))
        #expect(page.contains("✓ Passed"))
        #expect(HTMLReport(Self.hostileReport()).text.contains("✗ Failed"))
    }

    @Test("Without a loss there is nothing to break down, and the headline says so")
    func nothingLost() {
        let page = HTMLReport(Sample.report(flows: [Sample.flow("hq", .toSite, Sample.trace(lost: 0))])).text
        #expect(page.contains("<p class=\"headline\">no loss</p>"))
        for heading in ["What the outages consisted of", "Where the lost probes died", "Loss periods"] {
            #expect(!page.contains("<h2>\(heading)</h2>"))
        }
    }

    @Test("Of many flows the worst are drawn, and all are in the tables")
    func manyFlows() {
        let flows = (0..<60).map { Sample.flow("site-\($0)", .toSite, Sample.trace(lost: $0 == 7 ? 200 : $0)) }
        let page = HTMLReport(Sample.report(flows: flows)).text
        #expect(page.contains("The 12 flows that lost most, of 60."))
        #expect(page.components(separatedBy: "class=\"bar\"").count - 1 == 12)
        for flow in 0..<60 { #expect(page.contains("<th scope=\"row\">site-\(flow)</th>")) }
    }

    @Test("JUnit has a case for each expectation, a failure for each that does not hold, and is XML")
    func junit() throws {
        let report = Self.hostileReport()
        let cases = JUnitCases()
        let parser = XMLParser(data: Data(JUnitReport(report).text.utf8))
        parser.delegate = cases
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(cases.names == report.expectations.map(\.text))
        #expect(cases.failures == report.expectations.filter { !$0.holds }.map(\.found))
        #expect(cases.suite["tests"] == "2" && cases.suite["failures"] == "1")
    }

    @Test("An application's row says what the network's own outage was, in every form that has tables")
    func applications() {
        let report = Sample.example()
        let terminal = TerminalReport(report, usesColour: false).text
        #expect(terminal.contains("hq          messages to gateway  890 of 890     0       25.610 s  11.8 ±0.1 s           8\n"))
        #expect(terminal.contains("hq          messages to site     700 of 890   190       25.511 s      no loss           9\n"))
        #expect(terminal.contains("hq          requests             390 of 450    60       16.260 s  11.8 ±0.1 s          11\n"))
        #expect(terminal.contains("\nhq, messages: connection ended (ETIMEDOUT, 4 × connecting: ENETUNREACH)\n"))
        #expect(terminal.contains("\nhq, requests: connection ended (given up)\n"))
        #expect(terminal.contains("after 20 s (user timeout)"))
        let row = "| hq | requests | 390 of 450 | 60 | 16.260 s | 11.8 ±0.1 s | 11 | given up |"
        #expect(MarkdownReport(report).text.contains(row))
        let page = HTMLReport(report).text
        #expect(page.contains("nothing came for 25.610 s, from 19.920 s"))
        #expect(page.contains("nothing came for 10.000 s, open, from 80.000 s"))
    }

    @Test("Without applications no form tells of them", arguments: ReportFormat.allCases)
    func noApplications(format: ReportFormat) throws {
        #expect(!(try format.text(of: Sample.report())).contains("pplications"))
    }

    @Test("Names are text in Markdown, and end no cell")
    func escapedMarkdown() {
        let text = MarkdownReport(Self.hostileReport()).text
        #expect(!text.contains("<script"))
        let row = text.split(separator: "\n").first { $0.contains("alert") && $0.hasPrefix("|") }
        #expect(row?.replacing("\\|", with: "").count { $0 == "|" } == 7, "\(row ?? "")")
        #expect(text.contains("\\`x\\` \\*b\\*"))
        let quoted = Sample.report(flows: [Sample.flow("` </td><img src=x>", .toGateway, Sample.trace(lost: 3))])
        #expect(!MarkdownReport(quoted).text.contains("<img"))
    }

    @Test("The items of RFC 6201 §1.4")
    func characterization() {
        let items = Dictionary(uniqueKeysWithValues: Sample.report().characterization.map { ($0.item, $0.value) })
        #expect(items["Throughput offered"] == "20 frames/s, 16960 bit/s in 2 flows")
        #expect(items["Average frame loss"] == "118 frames a flow, over the 1 with an outage")
        #expect(items["Average reset time"] == "11800.0 ms by frame loss, over the 1 with an outage")
        #expect(items["Frame size"] == "106 bytes with Ethernet header, 162 sealed")
        #expect(items["Trials"] == "1")
        let none = Sample.report(flows: [Sample.flow("hq", .toSite, Sample.trace(lost: 0))]).characterization
        #expect(none.filter { $0.value == "no loss" }.map(\.item) == ["Average frame loss", "Average reset time"])
    }
}

/// What a CI system reads from the XML.
private final class JUnitCases: NSObject, XMLParserDelegate {
    var names: [String] = []
    var failures: [String] = []
    var suite: [String: String] = [:]

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
    ) {
        switch name {
        case "testcase": names.append(attributes["name"] ?? "")
        case "failure": failures.append(attributes["message"] ?? "")
        case "testsuite": suite = attributes
        default: break
        }
    }
}
