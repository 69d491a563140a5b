import Measurement

/// The page's pictures: bars that stretch with the page, their words outside of them, so that they are read on a phone as on paper.
struct PageCharts {
    let report: RehearsalReport

    private static let width = 1_000.0
    private var duration: Double { max(report.rehearsal.duration.value, 0.001) }

    private func x(_ time: Seconds) -> Double { min(max(time.value / duration, 0), 1) * Self.width }

    private static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return fraction == 0 ? "\(hundredths / 100)" : "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, title: String? = nil) -> Markup {
        .tag(
            "rect",
            ["x": number(x), "y": number(y), "width": number(width), "height": number(height), "fill": fill],
            title.map { [.tag("title", [:], .text($0))] } ?? [])
    }

    private static func stretching(_ kind: String, height: Double, label: String, _ children: [Markup]) -> Markup {
        .tag(
            "svg",
            [
                "class": kind, "viewBox": "0 0 \(number(width)) \(number(height))", "preserveAspectRatio": "none", "role": "img",
                "aria-label": label,
            ], children)
    }

    private func lane(_ name: Markup, _ value: String, _ picture: Markup, _ more: [Markup] = []) -> Markup {
        .tag(
            "div", ["class": "lane"],
            [.tag("div", ["class": "lane-name"], .tag("b", [:], name), .tag("span", [:], .text(value))), picture] + more)
    }

    /// A square of a colour for a list of what colours mean, hatched where the bars are.
    static func swatch(_ fill: String) -> Markup {
        .tag("svg", ["viewBox": "0 0 10 10", "aria-hidden": "true"], rectangle(0, 0, 10, 10, fill: fill))
    }

    // MARK: When probes were lost

    /// Lost probes are hatched as well as coloured.
    static let hatch = Markup.tag(
        "svg", ["width": "0", "height": "0", "aria-hidden": "true", "style": "position:absolute"],
        .tag(
            "defs", [:],
            .tag(
                "pattern",
                ["id": "lost", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"],
                rectangle(0, 0, 6, 6, fill: "var(--lost)"), rectangle(0, 0, 1.4, 6, fill: "var(--paper)"))))

    /// A lane over the whole measurement, with a mark for each step.
    private func bar(_ name: Markup, _ value: String, label: String, _ parts: [Markup], _ steps: [Seconds]) -> Markup {
        let marks = steps.map { Self.rectangle(max(x($0) - 0.6, 0), 0, 1.2, 20, fill: "var(--ink)") }
        return lane(name, value, Self.stretching("bar", height: 20, label: label, parts + marks))
    }

    func timeline(_ flows: [RehearsalReport.Flow]) -> Markup {
        let steps = actions.map(\.at)
        let lanes = flows.map { flow in
            let periods = flow.lossPeriods.map { period in
                let start = x(period.start)
                // A lost probe stands for its interval.
                let end = x(Seconds(nanoseconds: period.end.nanoseconds + flow.outage.resolution.nanoseconds))
                return Self.rectangle(
                    start, 0, max(end - start, 1.2), 20, fill: "url(#lost)",
                    title: "\(period.lost) lost from \(period.start.text(decimals: 3)) s to \(period.end.text(decimals: 3)) s")
            }
            let outage = OutageText(flow.outage)
            return bar(
                "\(flow.connection), \(flow.direction.shortName)", outage.byLoss,
                label: "\(flow.connection) \(flow.direction.shortName): \(flow.lost) of \(flow.sent) probes lost, \(outage.byLoss)",
                periods,
                steps)
        }
        return .group(lanes + [axis(from: Seconds(nanoseconds: 0), to: report.rehearsal.duration)])
    }

    /// When applications got nothing, in lanes like those of the probes.
    func stalls(_ applications: [ApplicationText]) -> Markup {
        let steps = actions.map(\.at)
        let lanes = applications.map { text in
            let bars = text.stalls.map { stall in
                let (start, end) = (x(stall.start), x(stall.end ?? report.rehearsal.duration))
                return Self.rectangle(
                    start, 0, max(end - start, 1.2), 20, fill: "url(#lost)",
                    title: "nothing came for \(ApplicationText.words(stall)), from \(stall.start.text(decimals: 3)) s")
            }
            return bar(
                "\(text.connection), \(text.kind)", text.longestStall,
                label: "\(text.connection), \(text.kind): longest stall \(text.longestStall)", bars, steps)
        }
        return .group(lanes + [axis(from: Seconds(nanoseconds: 0), to: report.rehearsal.duration)])
    }

    /// What was done to the lab.
    private var actions: [RehearsalReport.Event] {
        return Array(report.events.filter { Breakdown.triggers.contains($0.kind) }.prefix(40))
    }

    /// The marks in words.
    var marksList: Markup {
        .tag(
            "ul", ["class": "soft"],
            actions.map { event in
                let detail = event.detail.map { " (\($0))" } ?? ""
                return .tag("li", [:], .text("\(event.at.text(decimals: 3)) s: \(event.words), \(event.subject)\(detail)"))
            })
    }

    private func axis(from start: Seconds, to end: Seconds) -> Markup {
        let span = end.nanoseconds - start.nanoseconds
        let decimals = span < 10_000_000_000 ? 2 : span < 100_000_000_000 ? 1 : 0
        return .tag(
            "div", ["class": "axis", "aria-hidden": "true"],
            (0...4).map { part in
                .tag("span", [:], .text(Seconds(nanoseconds: start.nanoseconds + span / 4 * Int64(part)).text(decimals: decimals) + " s"))
            })
    }

    // MARK: What an outage consisted of

    /// What went on from one moment to the next, for a bar's parts.
    enum Part: CaseIterable {
        case noticing, takeover, turn, exchange, arrival

        var words: String {
            switch self {
            case .noticing: "until it was noticed"
            case .takeover: "until the address had moved"
            case .turn: "until the key exchange had its turn"
            case .exchange: "until both ends had their SAs"
            case .arrival: "until the first probe arrived"
            }
        }

        var fill: String {
            switch self {
            case .noticing: "var(--one)"
            case .takeover: "var(--two)"
            case .turn: "var(--rest)"
            case .exchange: "var(--four)"
            case .arrival: "var(--three)"
            }
        }

        fileprivate var ends: [Breakdown.Moment] {
            switch self {
            case .noticing: [.detected, .peerDead]
            case .takeover: [.addressMoved]
            case .turn: [.keyExchangeStarted]
            case .exchange: [.siteInstalled, .gatewayInstalled, .trafficMoved]
            case .arrival: [.firstArrival]
            }
        }
    }

    /// The parts of a disruption with when they ended, in order of time; a part that did not come about is left out.
    static func parts(of breakdown: RehearsalReport.Breakdown) -> [(part: Part, end: Seconds)] {
        // An exchange that did not wait has no such part.
        Part.allCases.filter { $0 != .turn || breakdown[.exchangeQueued] != nil }.compactMap { part in
            let ends = breakdown.marks.filter { part.ends.contains($0.moment) }.map(\.at)
            return ends.max().map { (part, $0) }
        }.sorted { $0.end < $1.end }
    }

    func breakdown(_ breakdown: RehearsalReport.Breakdown, of flow: RehearsalReport.Flow) -> Markup? {
        guard let first = breakdown.marks.first?.at, let end = breakdown[.firstArrival], end > first else { return nil }
        let scale = Self.width / (end.value - first.value)
        var position = first
        let bars = Self.parts(of: breakdown).map { part, end in
            defer { position = end }
            let start = (position.value - first.value) * scale
            let length = Seconds(nanoseconds: end.nanoseconds - position.nanoseconds).text(decimals: 3)
            return Self.rectangle(
                start, 0, max((end.value - position.value) * scale, 1.5), 20, fill: part.fill, title: "\(length) s \(part.words)")
        }
        let length = Seconds(nanoseconds: end.nanoseconds - first.nanoseconds).text(decimals: 3) + " s"
        return lane(
            "\(flow.connection), \(flow.direction.shortName)", length,
            Self.stretching("steps", height: 20, label: "\(flow.connection) \(flow.direction.shortName): \(length)", bars),
            [axis(from: first, to: end)])
    }

    // MARK: Delay

    func delay(_ flow: RehearsalReport.Flow) -> Markup? {
        guard let series = flow.delaySeries, let top = series.maximum.compactMap({ $0 }).max(),
            let least = series.median.compactMap({ $0 }).min()
        else { return nil }
        let height = 100.0
        // A little room below, and some height for a delay that never changes.
        let range = max(Double(top.nanoseconds - least.nanoseconds), Double(top.nanoseconds) / 20, 1)
        let step = series.binWidth.value / duration * Self.width
        func y(_ value: Milliseconds) -> Double { height - 8 - Double(value.nanoseconds - least.nanoseconds) / range * (height - 16) }
        func points(_ values: [Milliseconds?]) -> [[String]] {
            var runs: [[String]] = [[]]
            for (index, value) in values.enumerated() {
                guard let value else {
                    if runs.last?.isEmpty == false { runs.append([]) }
                    continue
                }
                let level = Self.number(y(value))
                runs[runs.count - 1] += [
                    "\(Self.number(Double(index) * step)),\(level)", "\(Self.number(min(Double(index + 1) * step, Self.width))),\(level)",
                ]
            }
            return runs.filter { !$0.isEmpty }
        }
        func lines(_ values: [Milliseconds?], _ colour: String, _ dash: String?) -> [Markup] {
            points(values).map {
                .tag(
                    "polyline",
                    [
                        "points": $0.joined(separator: " "), "fill": "none", "stroke": colour, "stroke-width": "1.5",
                        "stroke-dasharray": dash,
                        "vector-effect": "non-scaling-stroke",
                    ])
            }
        }
        return lane(
            "\(flow.connection), \(flow.direction.shortName)", "\(least.text(decimals: 2)) to \(top.text(decimals: 2)) ms",
            Self.stretching(
                "plot", height: height,
                label: "\(flow.connection) \(flow.direction.shortName): one-way delay over time, at most \(top.text(decimals: 3)) ms",
                lines(series.maximum, "var(--lost)", "4 3") + lines(series.median, "var(--one)", nil)),
            [axis(from: Seconds(nanoseconds: 0), to: report.rehearsal.duration)])
    }
}

extension DecimalTime {
    /// In the type's unit, for pictures.
    var value: Double {
        var unit = 1.0
        for _ in 0..<Self.decimals { unit *= 10 }
        return Double(nanoseconds) / unit
    }
}
