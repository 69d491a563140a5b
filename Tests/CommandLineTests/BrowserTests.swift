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

    /// A window is never as narrow as a phone: the page is asked in a frame of that width. It has no script itself.
    @Test("The page is as wide as its window, a phone's too, also with long names, and draws what it has", arguments: [360, 390, 1_280])
    func width(pixels: Int) throws {
        let page = try String(contentsOfFile: Repository.path("docs/report.example.html"), encoding: .utf8)
            .replacing("<b>hq, to gateway</b>", with: "<b>\(String(repeating: "longname", count: 10)), to gateway</b>")
        let file = try folder.file("page.html", page)
        let frame = try folder.file(
            "frame.html",
            """
            <!DOCTYPE html><body><iframe style="width:\(pixels)px;height:900px;border:0" src="page.html"></iframe>
            <script>
            const frame = document.querySelector("iframe");
            frame.onload = () => {
              const page = frame.contentDocument, root = page.documentElement, bars = [...page.querySelectorAll("svg.bar")];
              document.body.dataset.found = [
                root.scrollWidth <= root.clientWidth ? "fits" : "too wide: " + root.scrollWidth + " in " + root.clientWidth,
                bars.length + " bars", bars.every(bar => bar.getBoundingClientRect().width > 200) ? "drawn" : "not drawn"].join(", ");
            };
            </script></body>
            """)
        let dom = try browse(
            "--allow-file-access-from-files", "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", "file://\(frame)")
        let found = dom.text.firstMatch(of: /data-found="([^"]*)"/).map { String($0.1) }
        #expect(found == "fits, 5 bars, drawn", "\(file): \(dom.status) \(dom.errorOutput.suffix(2_000))")
    }

    @Test("It prints to PDF")
    func print() throws {
        let file = "\(folder.path)/report.pdf"
        _ = try browse("--no-pdf-header-footer", "--print-to-pdf=\(file)", "file://\(Repository.path("docs/report.example.html"))")
        let pdf = try Data(contentsOf: URL(filePath: file))
        #expect(pdf.starts(with: Data("%PDF-".utf8)) && pdf.count > 10_000)
    }
}
