import Foundation
import Processes
import TestRequirements
import Testing

enum Chromium {
    static let requirement = Requirement.program("chromium", package: "chromium")
}

/// The report's page in a real browser.
@Suite(.serialized, .enabled(if: Chromium.requirement.letTestsRun, "\(Chromium.requirement.reason)"), .timeLimit(.minutes(5)))
struct BrowserTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Starts the browser again when it crashes by itself, as it does now and then on a busy machine.
    private func browse(_ arguments: String...) throws -> FinishedProcess {
        try Chromium.requirement.check()
        let fixed = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        var finished: FinishedProcess?
        for attempt in 1...3 {
            let profile = "--user-data-dir=\(folder.path)/profile-\(attempt)"
            finished = try Command("chromium", fixed + [profile] + arguments).runToEnd(limit: .seconds(120))
            if finished?.status == .exited(0) { break }
        }
        return try #require(finished)
    }

    @Test("The page is as wide as the window, a phone's too, and draws what it has", arguments: [390, 1_280])
    func width(pixels: Int) throws {
        // The page itself has no script: one is added to ask the browser.
        let page = try String(contentsOfFile: Repository.path("docs/report.example.html"), encoding: .utf8)
        let probe = """
            <script>
            const root = document.documentElement;
            const bars = [...document.querySelectorAll("svg.bar")];
            root.dataset.found = [root.scrollWidth <= root.clientWidth ? "fits" : "too wide " + root.scrollWidth + " in " + root.clientWidth,
              bars.length + " bars", bars.every(bar => bar.getBoundingClientRect().width > 200) ? "drawn" : "not drawn",
              getComputedStyle(document.body).fontFamily.length > 0 ? "styled" : "plain"].join(", ");
            </script></body>
            """
        let file = try folder.file("page.html", page.replacing("</body>", with: probe))
        let dom = try browse("--window-size=\(pixels),900", "--dump-dom", "file://\(file)")
        let found = dom.text.firstMatch(of: /data-found="([^"]*)"/).map { String($0.1) }
        #expect(found == "fits, 2 bars, drawn, styled", "\(dom.status) \(dom.errorOutput.suffix(2_000))")
    }

    @Test("It prints to PDF")
    func print() throws {
        let file = "\(folder.path)/report.pdf"
        _ = try browse("--no-pdf-header-footer", "--print-to-pdf=\(file)", "file://\(Repository.path("docs/report.example.html"))")
        let pdf = try Data(contentsOf: URL(filePath: file))
        #expect(pdf.starts(with: Data("%PDF-".utf8)) && pdf.count > 10_000)
    }
}
