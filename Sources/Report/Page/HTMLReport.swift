import Measurement

/// The report as one page without scripts, and without anything from elsewhere: for a browser, a phone, or paper. Equal reports give equal bytes.
public struct HTMLReport {
    private let report: RehearsalReport
    private let charts: PageCharts

    /// More flows than these have pictures of the worst only; the tables have all of them.
    static let flowsDrawn = 12
    /// Rows of the longer tables; the JSON report has the rest.
    static let rowsShown = 400

    public init(_ report: RehearsalReport) {
        self.report = report
        charts = PageCharts(report: report)
    }

    /// Ends with a newline.
    public var text: String {
        let page = Markup.tag(
            "html", ["lang": "en"],
            .tag(
                "head", [:], .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "generator", "content": "Resetlab \(report.version)"]), .tag("title", [:], "\(title)"),
                .tag("style", [:], .text(PageStyle.sheet))),
            .tag("body", [:], PageCharts.hatch, .tag("main", [:], [header] + sections)))
        return "<!DOCTYPE html>\n" + page.html + "\n"
    }

    private var title: String { "Measured downtime: \(report.topology), \(report.rehearsal.name)" }

    // MARK: What matters first

    private var header: Markup {
        let passed = report.verdict == .passed
        var lines: [Markup] = [
            .tag("h1", [:], "\(title)")
        ]
        if let worst = report.worstFlow {
            let outage = OutageText(worst.outage)
            lines += [
                .tag("p", ["class": "headline"], "\(worst.outage.state == .notRecovered ? "not recovered" : outage.byLoss)"),
                .tag(
                    "p", [:],
                    "the longest outage: \(worst.connection), \(worst.direction.shortName), by lost probes over their rate (RFC 6201); by timestamps \(outage.byTimestamps). ",
                    "\(minutes(worst.outage.frameLoss))",
                    "\(report.flows.count { $0.outage.lost > 0 }) of \(report.flows.count) flows had one."),
            ]
        } else {
            lines.append(.tag("p", ["class": "headline"], "no loss"))
        }
        lines += [
            .tag(
                "p", [:],
                .tag("span", ["class": "verdict \(passed ? "good" : "bad")"], "\(passed ? "✓ Passed" : "✗ Failed")"),
                .tag(
                    "span", ["class": "soft"],
                    "\(report.lab.gateway), \(report.lab.sites.count) site\(report.lab.sites.count == 1 ? "" : "s"), \(report.backend == .guest ? "a guest's" : "the host's") Linux \(report.kernel), \(report.clock.rawValue) time, seed \(report.seed), Resetlab \(report.version)"
                )),
            .tag(
                "ul", [:],
                report.expectations.map { expectation in
                    .tag(
                        "li", [:],
                        .tag("b", ["class": expectation.holds ? "good" : "bad"], "\(expectation.holds ? "holds" : "FAILED")"),
                        ": \(expectation.text): \(expectation.found)")
                }),
        ]
        return .tag("header", [:], lines)
    }

    /// For outages that nobody counts in seconds.
    private func minutes(_ time: Milliseconds) -> String {
        guard time.nanoseconds >= 120_000_000_000 else { return "" }
        return "That is \(Seconds(nanoseconds: time.nanoseconds / 60).text(decimals: 1)) minutes. "
    }

    private var sections: [Markup] {
        [
            section("Outages", outages), section("What it was to applications", applications), section("Trials", trials),
            section("When probes were lost", timeline),
            section("What the outages consisted of", breakdowns),
            section("One-way delay", delays), section("Where the lost probes died", ledger), section("Events", events),
            section("Health", health), section("Loss periods", lossPeriods), section("Differences that were passed over", differences),
            section("The lab", [LabDrawing(lab: report.lab).svg, sites]), section("How it was measured", method),
        ].compactMap(\.self)
    }

    /// nil for nothing to show.
    private func section(_ title: String, _ contents: [Markup]) -> Markup? {
        contents.isEmpty ? nil : .tag("section", [:], [.tag("h2", [:], .text(title))] + contents)
    }

    private func table(_ caption: String, _ columns: [(title: String, isNumber: Bool)], _ rows: [[Markup]]) -> Markup {
        let shown = rows.prefix(Self.rowsShown)
        let table = Markup.tag(
            "table", ["class": rows.count > 25 ? "long" : nil],
            .tag(
                "caption", [:],
                .text(caption + (rows.count > shown.count ? " (\(rows.count - shown.count) more rows are in the JSON report)" : ""))),
            .tag(
                "thead", [:],
                .tag("tr", [:], columns.map { .tag("th", ["scope": "col", "class": $0.isNumber ? "n" : nil], .text($0.title)) })),
            .tag(
                "tbody", [:],
                shown.map { row in
                    .tag(
                        "tr", [:],
                        zip(columns, row).enumerated().map { index, cell in
                            let style = cell.0.isNumber ? "n" : nil
                            return index == 0
                                ? .tag("th", ["scope": "row", "class": style], cell.1) : .tag("td", ["class": style], cell.1)
                        })
                }))
        return .tag("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption], table)
    }

    private func note(_ text: String) -> Markup { .tag("p", ["class": "soft"], .text(text)) }

    private func seconds(_ time: Seconds) -> Markup { "\(time.text(decimals: 3)) s" }

    /// The flows that are drawn, worst first where there are many.
    private var drawn: [RehearsalReport.Flow] {
        guard report.flows.count > Self.flowsDrawn else { return report.flows }
        return Array(report.mostLostFirst.prefix(Self.flowsDrawn))
    }

    private var drawnNote: [Markup] {
        drawn.count < report.flows.count ? [note("The \(drawn.count) flows that lost most, of \(report.flows.count).")] : []
    }

    // MARK: Sections

    private var outages: [Markup] {
        let rows: [[Markup]] = report.flows.map { flow in
            let outage = OutageText(flow.outage)
            return [
                "\(flow.connection)", "\(flow.direction.shortName)",
                .tag("b", ["class": outage.weight == .bad ? "bad" : nil], "\(outage.byLoss)"),
                "\(outage.byTimestamps)", "\(flow.lost)", "\(flow.sent)", "\(flow.received)", "\(outage.cause)",
            ]
        }
        let background = report.flows.reduce(0) { $0 + $1.outage.backgroundLost }
        return [
            table(
                "By lost probes over their rate, and from the last arrival before to the first one after; each with its resolution",
                [
                    ("Connection", false), ("Direction", false), ("By loss", true), ("By timestamps", true), ("Lost", true), ("Sent", true),
                    ("Arrived", true), ("Cause", false),
                ], rows)
        ]
            + (background > 0
                ? [
                    note(
                        "\(background) of the lost probes are background loss: the lines lose packets at random, and these were no outage.")
                ] : [])
    }

    private var applications: [Markup] {
        guard let all = report.applications, let method = report.applicationMethod else { return [] }
        let rows: [[Markup]] = all.flatMap { ApplicationText.all(of: $0, in: report) }.map { text in
            [
                "\(text.connection)", "\(text.kind)", .tag("b", ["class": text.isBad ? "bad" : nil], "\(text.longestStall)"),
                "\(text.outage)", "\(text.delivered)", "\(text.lost)", "\(text.retransmissions)", "\(text.breaks)",
            ]
        }
        let drawn = report.mostStalled(Self.applicationsDrawn)
        let key = Markup.tag(
            "ul", ["class": "key"], .tag("li", [:], PageCharts.swatch("var(--arrived)"), "delivered"),
            .tag("li", [:], PageCharts.swatch("url(#lost)"), "stalled"),
            .tag("li", [:], PageCharts.swatch("var(--ink)"), "something was done"))
        let latencies: [[Markup]] = all.flatMap { application -> [[Markup]] in
            let requests = application.requests
            return [("before the disruption", requests.latencyBefore), ("from then on", requests.latencyAfter)].compactMap { phase, delay in
                delay.map { delay in
                    ["\(application.connection)", "\(phase)", "\(delay.count)"]
                        + [delay.minimum, delay.median, delay.percentile95, delay.percentile99, delay.maximum].map {
                            .text($0.text(decimals: 1))
                        }
                }
            }
        }
        return [
            table(
                "The longest time in which nothing came, beside the network's own outage",
                [
                    ("Connection", false), ("Application", false), ("Longest stall", true), ("Network", true), ("Delivered", true),
                    ("Lost", true), ("Sent again", true), ("Connection ended", false),
                ], rows), key,
        ] + (drawn.count < all.count ? [note("The \(drawn.count) connections with the longest stalls, of \(all.count).")] : [])
            + [charts.stalls(drawn.flatMap { ApplicationText.all(of: $0, in: report) })]
            + (latencies.isEmpty
                ? []
                : [
                    table(
                        "From when a request was due until it was answered, in ms",
                        [
                            ("Connection", false), ("Due", false), ("Answered", true), ("Min", true), ("Median", true), ("95 %", true),
                            ("99 %", true), ("Max", true),
                        ], latencies)
                ]) + [note(method)]
    }

    /// Connections, each with three lanes.
    static let applicationsDrawn = 4

    private var trials: [Markup] {
        guard let trials = report.trials else { return [] }
        let rows: [[Markup]] = trials.flows.map { flow in
            let summary = flow.frameLossSummary
            let values = [summary.minimum, summary.median, summary.mean, summary.percentile95, summary.maximum]
            return ["\(flow.connection)", "\(flow.direction.shortName)"]
                + values.map { .text($0.nanoseconds == 0 ? "no loss" : Seconds(nanoseconds: $0.nanoseconds).text(decimals: 3) + " s") }
        }
        return [
            table(
                "Outage by frame loss over \(trials.seeds.count) trials that differ in their seeds alone; all else here is the first one's",
                [
                    ("Connection", false), ("Direction", false), ("Min", true), ("Median", true), ("Mean", true), ("95 %", true),
                    ("Max", true),
                ], rows)
        ]
    }

    private var timeline: [Markup] {
        [
            .tag(
                "ul", ["class": "key"], .tag("li", [:], PageCharts.swatch("var(--arrived)"), "arrived"),
                .tag("li", [:], PageCharts.swatch("url(#lost)"), "lost"),
                .tag("li", [:], PageCharts.swatch("var(--ink)"), "something was done"))
        ] + drawnNote + [charts.timeline(drawn), charts.marksList]
    }

    private var breakdowns: [Markup] {
        let pictures = drawn.flatMap { flow in flow.breakdowns.prefix(4).compactMap { charts.breakdown($0, of: flow) } }
        let rows: [[Markup]] = drawn.flatMap { flow in
            flow.breakdowns.flatMap { breakdown -> [[Markup]] in
                var before: Seconds?
                return breakdown.marks.map { mark in
                    defer { before = mark.at }
                    let after = before.map { "+ " + Seconds(nanoseconds: mark.at.nanoseconds - $0.nanoseconds).text(decimals: 3) + " s" }
                    return [
                        "\(flow.connection), \(flow.direction.shortName)", "\(mark.moment.words)", seconds(mark.at), "\(after ?? "")",
                        "\(mark.source.rawValue)",
                    ]
                }
            }
        }
        guard !rows.isEmpty else { return [] }
        let key = Markup.tag(
            "ul", ["class": "key"],
            PageCharts.Part.allCases.filter { $0 != .turn || report.exchangeQueue != nil }.map {
                .tag("li", [:], PageCharts.swatch($0.fill), .text($0.words))
            })
        return (pictures.isEmpty ? [] : [key]) + drawnNote + pictures + [
            table(
                "Moment by moment. Neighbours and security associations are told by the kernel's own notifications.",
                [("Flow", false), ("Moment", false), ("At", true), ("After", true), ("Known from", false)], rows)
        ]
    }

    private var delays: [Markup] {
        let pictures = drawn.compactMap { charts.delay($0) }
        guard !pictures.isEmpty else { return [] }
        func row(_ flow: RehearsalReport.Flow, _ name: String, _ delay: RehearsalReport.Delay?) -> [Markup]? {
            delay.map { delay in
                ["\(flow.connection), \(flow.direction.shortName)", "\(name)", "\(delay.count)"]
                    + [delay.minimum, delay.median, delay.percentile95, delay.percentile99, delay.percentile999, delay.maximum].map {
                        "\($0.text(decimals: 3))"
                    }
            }
        }
        let rows = report.flows.flatMap { flow in
            [
                row(flow, "whole", flow.delay), row(flow, "before the outage", flow.delayByPhase?.before),
                row(flow, "during", flow.delayByPhase?.during), row(flow, "after", flow.delayByPhase?.after),
            ].compactMap(\.self)
        }
        return [
            .tag(
                "ul", ["class": "key"], .tag("li", [:], PageCharts.swatch("var(--one)"), "median (solid line)"),
                .tag("li", [:], PageCharts.swatch("var(--lost)"), "maximum (dashed line)"))
        ] + drawnNote + pictures + [
            table(
                "In milliseconds, of probes that arrived, by when they were sent; exact, not from a histogram (RFC 7679)",
                [
                    ("Flow", false), ("Part", false), ("Probes", true), ("Min", true), ("Median", true), ("95 %", true), ("99 %", true),
                    ("99.9 %", true), ("Max", true),
                ], rows)
        ]
    }

    private var ledger: [Markup] {
        let ledger = report.ledger
        guard ledger.lost > 0 else { return [] }
        let rows: [[Markup]] = ledger.counters.filter { $0.explained > 0 }.map {
            ["\($0.explained)", .tag("code", [:], "\($0.counter)"), "\($0.cause)", "\($0.explanation)"]
        }
        let unexplained: [[Markup]] =
            ledger.unexplained > 0
            ? [[.tag("b", ["class": "bad"], "\(ledger.unexplained)"), "unexplained", "", "No counter accounts for them."]] : []
        let balance = table(
            "\(ledger.lost) lost probes, \(ledger.explained) of them explained by what the kernel counted, and where",
            [("Lost", true), ("Counted as", false), ("Meaning", false), ("", false)], rows + unexplained)
        guard let drops = ledger.drops else { return [balance] }
        let reasons: [[Markup]] = drops.reasons.map {
            [
                "\($0.packets)", .tag("code", [:], "\($0.reason ?? "not told")"), .tag("code", [:], "\($0.function ?? "not told")"),
                "\($0.place ?? "made there")",
            ]
        }
        return [
            balance,
            table(
                "The kernel's own reasons for dropping packets of these flows. A flooded frame is told of at each port where it died.",
                [("Dropped", true), ("Reason", false), ("Kernel function", false), ("Came in by", false)], reasons),
        ]
    }

    private var events: [Markup] {
        let rows: [[Markup]] = report.events.map {
            [seconds($0.at), .text($0.words), "\($0.subject)", "\($0.detail ?? "")"]
        }
        return rows.isEmpty
            ? [] : [table("From the measured part's start", [("Time", true), ("Event", false), ("Subject", false), ("", false)], rows)]
    }

    private var health: [Markup] {
        let rows: [[Markup]] = report.health.map { entry in
            return [
                seconds(entry.since), "\(entry.resource)", "\(entry.availability.rawValue)",
                .text(entry.words),
            ]
        }
        return rows.isEmpty
            ? []
            : [
                table(
                    "As the service's Resource Health tells it",
                    [("Since", true), ("Resource", false), ("State", false), ("Cause and reason", false)],
                    rows)
            ]
    }

    private var lossPeriods: [Markup] {
        func causes(_ period: RehearsalReport.Flow.LossPeriod) -> String {
            CounterNames.mostFirst(period.causes).map { cause in "\(cause.value) \(cause.key)" }.joined(separator: ", ")
        }
        func row(_ flow: RehearsalReport.Flow, _ period: RehearsalReport.Flow.LossPeriod) -> [Markup] {
            let timestamp = period.timestamp?.text(decimals: 1) ?? "open"
            return [
                "\(flow.connection), \(flow.direction.shortName)", seconds(period.start), seconds(period.end), "\(period.lost)",
                "\(period.frameLoss.text(decimals: 1))", .text(timestamp), .text(causes(period)),
            ]
        }
        let rows = report.flows.flatMap { flow in flow.lossPeriods.map { row(flow, $0) } }
        guard !rows.isEmpty else { return [] }
        return [
            table(
                "Runs of lost probes (RFC 3357), by when they were sent",
                [
                    ("Flow", false), ("From", true), ("To", true), ("Lost", true), ("By loss, ms", true), ("By timestamps, ms", true),
                    ("Counted as", false),
                ], rows)
        ]
    }

    private var differences: [Markup] {
        let rows: [[Markup]] = report.checks.flatMap { check in
            check.differences.map { ["\(check.connection)", "\($0.name)", "\($0.site)", "\($0.gateway)"] }
        }
        return rows.isEmpty
            ? []
            : [table("Found before the rehearsal", [("Connection", false), ("What", false), ("Site", false), ("Gateway", false)], rows)]
    }

    private var sites: Markup {
        table(
            "Sites and their connections",
            [
                ("Site", false), ("Connection", false), ("Address", false), ("Behind it", false), ("ESP", false), ("Line to it", false),
                ("From it", false),
            ],
            report.lab.sites.map {
                [
                    "\($0.name)", "\($0.connection)", "\($0.address)", "\($0.prefixes.joined(separator: ", "))", "\($0.suite)",
                    "\($0.toSite ?? "as it is")", "\($0.fromSite ?? "as it is")",
                ]
            })
    }

    private var method: [Markup] {
        let timing = report.timing
        let steps: [[Markup]] = report.rehearsal.steps.map { ["\($0.start)", "\($0.action)"] }
        let failovers = timing.failovers.map { failover in
            "\(failover.trigger.rawValue): detection \(failover.detection.shortText) s, takeover \(failover.takeover.shortText) s"
        }
        let announcements = "\(timing.announcements.count) announcements every \(timing.announcements.interval.shortText) s"
        let durations = (failovers + ["boot \(timing.boot.shortText) s", announcements]).joined(separator: "; ")
        let items: [[Markup]] = report.characterization.map { [.text($0.item), .text($0.value)] }
        let tables = [
            table("What was done: \(report.rehearsal.name)", [("When", false), ("What", false)], steps),
            table("What RFC 6201 §1.4 asks a report for", [("Item", false), ("Value", false)], items),
        ]
        let sources = timing.sources.map { Markup.tag("p", ["class": "soft"], .text($0)) }
        let profile: [Markup] = [.tag("h3", [:], "Timing profile \(timing.profile)"), .tag("p", [:], .text(durations + "."))]
        return tables + profile + sources + [.tag("h3", [:], "Method"), .tag("p", [:], .text(Self.method))]
    }

    private static let method = """
        Two readings of each outage (RFC 6201 §1.3): lost probes over the offered rate, and from the arrival of the last probe before to that of \
        the first one after. An outage is over when nothing is lost for the longer of 5 s and 5 probes (RFC 6412). Probes run in both directions of \
        every connection, and arrival is timed by the receiving kernel; real ESP packets, real security associations.
        """
}
