import Measurement

/// The report as text for a terminal: timing, steps, timeline, the table of outages, their causes, sources, expectations, the verdict.
///
/// 100 columns suffice with names of usual length; longer ones make it wider, and are never cut.
public struct TerminalReport {
    private let report: RehearsalReport
    private let style: TerminalStyle

    /// Above this many flows only the worst are printed.
    static let mostRows = 40
    static let worstRows = 20
    /// Above this many events of a kind, one line stands for all of them.
    static let mostEvents = 3

    /// - Parameter usesColour: whether the text goes to a terminal that shows colours.
    public init(_ report: RehearsalReport, usesColour: Bool) {
        self.report = report
        style = TerminalStyle(usesColour: usesColour)
    }

    /// Ends with a newline.
    public var text: String {
        let sections = [
            heading, steps, differences, timeline, health, outages, applications, trials, breakdown, causes, dropReasons, sources, verdict,
        ]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private var heading: [String] {
        let timing = report.timing
        let announcements = timing.announcements
        let exchange = timing.keyExchange
        let failovers = timing.failovers.map {
            "\($0.trigger.rawValue): detection \($0.detection.shortText) s, takeover \($0.takeover.shortText) s; "
        }
        return [
            "\(report.topology): \(report.backend.rawValue), \(report.clock.rawValue) time, Linux \(report.kernel), seed \(report.seed)",
            "Timing \(timing.profile), \(failovers.joined())boot \(timing.boot.shortText) s",
            "  \(announcements.count) announcements every \(announcements.interval.shortText) s; key exchange repeated "
                + "after \(exchange.timeout.shortText) s, then × \(shortText(exchange.base)), \(exchange.tries) times",
        ]
    }

    // MARK: Steps

    /// Above this many, the first ones are printed.
    static let mostSteps = 20

    private var steps: [String] {
        let steps = report.rehearsal.steps
        var table = TerminalTable(columns: [.init(title: "Steps", alignment: .left), .init(title: report.rehearsal.name, alignment: .left)])
        for step in steps.prefix(Self.mostSteps) { table.append([.init(step.start), .init(step.action)]) }
        return table.lines(style: style) + (steps.count > Self.mostSteps ? ["and \(steps.count - Self.mostSteps) more"] : [])
    }

    private var differences: [String] {
        guard !report.checks.isEmpty else { return [] }
        return ["Differences between both sides, passed over as asked for"]
            + CheckTable(report.checks, differencesOnly: true, usesColour: style.usesColour).lines
    }

    // MARK: Timeline

    private var timeline: [String] {
        var table = TerminalTable(columns: [
            .init(title: "Time", alignment: .right), .init(title: "Event", alignment: .left), .init(title: "Subject", alignment: .left),
        ])
        let kinds = Dictionary(grouping: report.events, by: \.kind)
        var summarized: Set<String> = []
        for event in report.events {
            let time = event.at.text(decimals: 3) + " s"
            let alike = kinds[event.kind] ?? []
            guard alike.count > Self.mostEvents, let last = alike.last else {
                table.append([.init(time), .init(event.words), .init(event.subject + (event.detail.map { " (\($0))" } ?? ""))])
                continue
            }
            guard summarized.insert(event.kind).inserted else { continue }
            let first = event.detail.map { "\(event.subject) (\($0))" } ?? event.subject
            table.append([
                .init(time), .init(event.words), .init("\(first) and \(alike.count - 1) more until \(last.at.text(decimals: 3)) s"),
            ])
        }
        return (report.events.isEmpty ? [] : table.lines(style: style)) + (report.exchangeQueue.map { [$0.words] } ?? [])
    }

    // MARK: Health

    /// Above this many entries, the gateway's alone are printed, and of those the first ones.
    static let mostHealthEntries = 12

    private var health: [String] {
        let isLong = report.health.count > Self.mostHealthEntries
        let entries = isLong ? report.health.filter { $0.kind == .gateway } : report.health
        var table = TerminalTable(columns: [
            .init(title: "Since", alignment: .right), .init(title: "Health of", alignment: .left), .init(title: "", alignment: .left),
            .init(title: "Cause and reason", alignment: .left),
        ])
        for entry in entries.prefix(Self.mostHealthEntries) {
            table.append([
                .init(entry.since.text(decimals: 3) + " s"), .init(entry.resource),
                .init(entry.availability.rawValue, entry.availability == .unavailable ? .bad : .plain),
                .init(entry.words),
            ])
        }
        guard !entries.isEmpty else { return [] }
        let left = report.health.count - min(entries.count, Self.mostHealthEntries)
        return table.lines(style: style) + (left > 0 ? ["and \(left) more entries in the JSON report"] : [])
    }

    // MARK: Outages

    private var outages: [String] {
        var table = TerminalTable(columns: [
            .init(title: "Connection", alignment: .left), .init(title: "Direction", alignment: .left),
            .init(title: "Sent", alignment: .right), .init(title: "Arrived", alignment: .right), .init(title: "Lost", alignment: .right),
            .init(title: "By loss", alignment: .right), .init(title: "By timestamps", alignment: .right),
            .init(title: "Cause", alignment: .left),
        ])
        let isLong = report.flows.count > Self.mostRows
        for flow in isLong ? Array(report.worstFirst.prefix(Self.worstRows)) : report.flows {
            let outage = OutageText(flow.outage)
            table.append([
                .init(flow.connection), .init(flow.direction.shortName), .init("\(flow.sent)"), .init("\(flow.received)"),
                .init("\(flow.lost)"), .init(outage.byLoss, outage.weight), .init(outage.byTimestamps, outage.weight),
                .init(outage.cause),
            ])
        }
        let title = "Outage by frame loss (lost probes / rate) and by timestamps (last arrival before to first after)"
        return [title] + table.lines(style: style) + (isLong ? summary : []) + remarks
    }

    private var summary: [String] {
        let lengths = report.flows.map(\.outage.frameLoss.nanoseconds)
        guard let all = Distribution(lengths), let flow = report.flows.first else { return [] }
        let decimals = OutageText.decimals(of: flow.outage.resolution)
        let text = { (nanoseconds: Int64) in Seconds(nanoseconds: nanoseconds).text(decimals: decimals) + " s" }
        return [
            "These are the worst \(Self.worstRows) of \(report.flows.count) flows. Outage by loss of all: min \(text(all.minimum)), "
                + "median \(text(all.median)), max \(text(all.maximum))."
        ]
    }

    /// What a row cannot say.
    private var remarks: [String] {
        let counts: [(Int, String)] = [
            (report.flows.count { $0.outage.state == .notRecovered }, "had not recovered at the end"),
            (
                report.flows.count { $0.outage.state == .unconfirmed },
                "recovered (?), but the measurement ended before recovery was seen to hold"
            ),
            (report.flows.count { $0.outage.disruptions > 1 }, "had several disruptions, summed here"),
        ]
        let background = report.flows.reduce(0) { $0 + $1.outage.backgroundLost }
        let unsent = report.flows.reduce(0) { $0 + $1.unsent }
        return counts.filter { $0.0 > 0 }.map { "\(count($0.0, "flow")) \($0.1)." }
            + (background > 0 ? ["\(count(background, "probe")) lost outside the outages (background loss)."] : [])
            + (unsent > 0 ? ["\(count(unsent, "probe")) not sent in time, and not counted as lost."] : [])
    }

    // MARK: Applications

    /// Above this many connections only the worst are printed.
    static let mostApplications = 13

    private var applications: [String] {
        guard let all = report.applications, let method = report.applicationMethod else { return [] }
        var table = TerminalTable(columns: [
            .init(title: "Connection", alignment: .left), .init(title: "Application", alignment: .left),
            .init(title: "Delivered", alignment: .right), .init(title: "Lost", alignment: .right),
            .init(title: "Longest stall", alignment: .right), .init(title: "Network", alignment: .right),
            .init(title: "Sent again", alignment: .right),
        ])
        let shown = report.mostStalled(Self.mostApplications)
        let texts = shown.flatMap { ApplicationText.all(of: $0, in: report) }
        for text in texts {
            table.append([
                .init(text.connection), .init(text.kind), .init(text.delivered), .init(text.lost),
                .init(text.longestStall, text.isBad ? .bad : .plain), .init(text.outage), .init(text.retransmissions),
            ])
        }
        let left = all.count - shown.count
        // The messages' two directions share a connection.
        let breaks = texts.filter { !$0.breaks.isEmpty && !$0.kind.hasSuffix("to site") }.map { text in
            "\(text.connection), \(text.kind.prefix { $0 != " " }): connection ended (\(text.breaks))"
        }
        return ["What it was to applications"] + table.lines(style: style)
            + (left > 0 ? ["and \(left) connections with shorter stalls"] : []) + breaks + wrapped(method, indentation: "")
    }

    // MARK: Trials

    private var trials: [String] {
        guard let trials = report.trials else { return [] }
        var table = TerminalTable(columns: [
            .init(title: "Connection", alignment: .left), .init(title: "Direction", alignment: .left),
            .init(title: "Min", alignment: .right),
            .init(title: "Median", alignment: .right), .init(title: "Mean", alignment: .right), .init(title: "95 %", alignment: .right),
            .init(title: "Max", alignment: .right),
        ])
        let worst = trials.flows.enumerated().sorted {
            ($1.element.frameLossSummary.maximum, $0.offset) < ($0.element.frameLossSummary.maximum, $1.offset)
        }.map(\.element)
        let isLong = worst.count > Self.mostRows
        for flow in isLong ? Array(worst.prefix(Self.worstRows)) : trials.flows {
            let summary = flow.frameLossSummary
            table.append(
                [.init(flow.connection), .init(flow.direction.shortName)]
                    + [summary.minimum, summary.median, summary.mean, summary.percentile95, summary.maximum].map {
                        .init($0.nanoseconds == 0 ? "no loss" : Seconds(nanoseconds: $0.nanoseconds).text(decimals: 3) + " s")
                    })
        }
        let seeds = "\(trials.seeds.first ?? 0) to \(trials.seeds.last ?? 0)"
        return ["Outage by frame loss over \(trials.seeds.count) trials, seeds \(seeds); all else here is the first one's"]
            + table.lines(style: style)
            + (isLong ? ["These are the worst \(Self.worstRows) of \(worst.count) flows."] : [])
    }

    // MARK: What an outage consisted of

    /// Of the slowest flow's disruptions: from moment to moment.
    private var breakdown: [String] {
        guard let flow = report.flows.max(by: { $0.outage.frameLoss < $1.outage.frameLoss }), flow.outage.lost > 0 else { return [] }
        var table = TerminalTable(columns: [
            .init(title: "Moment", alignment: .left), .init(title: "At", alignment: .right),
            .init(title: "After", alignment: .right), .init(title: "Known from", alignment: .left),
        ])
        for breakdown in flow.breakdowns.prefix(Self.breakdownsShown) {
            var before: Seconds?
            for mark in breakdown.marks {
                let after = before.map { Seconds(nanoseconds: mark.at.nanoseconds - $0.nanoseconds).text(decimals: 3) + " s" }
                table.append([
                    .init(mark.moment.words), .init(mark.at.text(decimals: 3) + " s"), .init(after.map { "+ \($0)" } ?? ""),
                    .init(mark.source == .kernel ? "the kernel" : mark.source == .lab ? "the lab" : "the probes"),
                ])
                before = mark.at
            }
        }
        let others = flow.breakdowns.count - Self.breakdownsShown
        return ["The longest outage, moment by moment: \(flow.connection), \(flow.direction.rawValue)"] + table.lines(style: style)
            + (others > 0 ? ["and \(count(others, "more disruption")) in the JSON report"] : [])
    }

    private static let breakdownsShown = 2

    // MARK: Causes and verdict

    private var causes: [String] {
        let ledger = report.ledger
        guard ledger.lost > 0 else { return [] }
        var table = TerminalTable(columns: [
            .init(title: "Lost", alignment: .right), .init(title: "Counted as", alignment: .left),
            .init(title: "Meaning", alignment: .left),
        ])
        for counter in ledger.counters where counter.explained > 0 {
            table.append([.init("\(counter.explained)"), .init(counter.counter), .init(counter.cause)])
        }
        if ledger.unexplained > 0 {
            table.append([
                .init("\(ledger.unexplained)", .bad), .init(CounterNames.unexplained), .init("no counter accounts for them"),
            ])
        }
        let isPuzzle = ledger.unexplained > 0 && ledger.drops == nil && report.backend == .guest
        return table.lines(style: style) + (isPuzzle ? ["--drop-reasons asks the kernel for its reason for every drop."] : [])
    }

    /// A frame that a bridge floods is listed at each port where it died, so that the numbers do not add up to the lost ones.
    private var dropReasons: [String] {
        guard let drops = report.ledger.drops else { return [] }
        var table = TerminalTable(columns: [
            .init(title: "Dropped", alignment: .right), .init(title: "The kernel's reason", alignment: .left),
            .init(title: "In", alignment: .left), .init(title: "Came in by", alignment: .left),
        ])
        for reason in drops.reasons {
            table.append([
                .init("\(reason.packets)"), .init(reason.reason ?? "not told"), .init(reason.function.map { "\($0)()" } ?? "not told"),
                .init(reason.place ?? "made there"),
            ])
        }
        return (drops.reasons.isEmpty ? [] : table.lines(style: style))
            + (drops.missed > 0 ? ["The kernel could not tell of \(count(Int(clamping: drops.missed), "more drop"))."] : [])
    }

    /// Columns of text that goes on over lines.
    private static let textWidth = 100

    private var sources: [String] {
        guard let document = report.timing.sources.first else { return [] }
        return ["Sources of the timing"]
            + ([document] + report.timing.sources.dropFirst().map { "- \($0)" }).flatMap { wrapped($0, indentation: "  ") }
    }

    /// Broken at spaces. What follows the first line is indented by two more.
    private func wrapped(_ text: String, indentation: String) -> [String] {
        var lines: [String] = []
        var line = indentation
        for word in text.split(separator: " ") {
            let isFirst = line.allSatisfy { $0 == " " }
            if !isFirst, line.displayWidth + 1 + word.displayWidth > Self.textWidth {
                lines.append(line)
                line = indentation + "  " + word
            } else {
                line += (isFirst ? "" : " ") + word
            }
        }
        return lines + [line]
    }

    private var verdict: [String] {
        report.expectations.map { expectation in
            let mark = expectation.holds ? style.apply(.good, to: "ok    ") : style.apply(.bad, to: "FAILED")
            return "\(mark)  \(expectation.text): \(expectation.found)"
        } + [report.verdict == .passed ? style.apply(.good, to: "Passed.") : style.apply(.bad, to: "Failed.")]
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private func shortText(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension FlowDirection {
    var shortName: String {
        switch self {
        case .toGateway: "to gateway"
        case .toSite: "to site"
        }
    }
}
