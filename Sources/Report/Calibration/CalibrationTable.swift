import Measurement

/// A calibration's report for people.
public struct CalibrationTable {
    private let report: CalibrationReport
    private let style: TerminalStyle

    public init(_ report: CalibrationReport, usesColour: Bool) {
        self.report = report
        style = TerminalStyle(usesColour: usesColour)
    }

    /// Ends with a newline.
    public var text: String {
        (heading + [""] + table + [""] + explanation + [""] + verdict).joined(separator: "\n") + "\n"
    }

    private var heading: [String] {
        let injected = report.injected
        let means = injected.means == .netem ? "a netem that loses everything" : "the sender's interface"
        return [
            style.apply(.strong, to: "Calibration: ")
                + "\(report.backend.rawValue), \(report.clock.rawValue) time, Linux \(report.kernel), "
                + "seed \(report.seed)",
            "\(injected.trials) known outages of \(injected.shortest.spelt) to \(injected.longest.spelt), log-spaced, at random phases "
                + "to the probes, by \(means)",
            "The truth is known to ±\(injected.uncertainty.text(decimals: 3)) ms; probes at its edges were sent within "
                + "\(injected.irregularity.text(decimals: 3)) ms of their schedule",
        ]
    }

    private var table: [String] {
        let numbers = ["Trials", "No loss", "Minimum", "Median", "Mean", "95 %", "Maximum", "Within ±T", "In bound"]
        var table = TerminalTable(
            columns: ["Rate", "Method", "Outages"].map { .init(title: $0, alignment: .left) }
                + numbers.map { .init(title: $0, alignment: .right) })
        for method in CalibrationSummary.Method.allCases {
            for group in report.groups {
                let errors = method == .frameLoss ? group.frameLoss : group.timestamp
                let holds = errors.withinBound == group.trials
                table.append(
                    [
                        .init("\(group.rateText)/s"), .init(method == .frameLoss ? "frame loss" : "timestamps"), .init(group.outages),
                        .init("\(group.trials)"), .init("\(group.withoutLoss)"),
                    ]
                        + [errors.minimum, errors.median, errors.mean, errors.percentile95, errors.maximum].map {
                            .init($0.text(decimals: 3))
                        }
                        + [
                            .init(Self.share(errors.withinInterval, of: group.trials)),
                            .init(Self.share(errors.withinBound, of: group.trials), holds ? .good : .bad),
                        ])
            }
        }
        return [style.apply(.strong, to: "Error: measured less true, in ms; T is the interval between two probes")]
            + table.lines(style: style)
    }

    private var explanation: [String] {
        [
            "N probes lost at rate r read N/r by frame loss and (N + 1)/r by timestamps. An outage's edges fall anywhere between two probes,",
            "so frame loss is off by -T to T, without bias; timestamps, from the last probe that got through to the first that did again,",
            "by 0 to 2 T: one interval too long in the middle. An outage between two probes is no loss, and its error its own length.",
            "In bound: within one interval, that bias taken off, the truth's uncertainty and the sending's unevenness allowed for.",
        ]
    }

    private var verdict: [String] {
        let outside = report.groups.filter { $0.from == nil }.reduce(0) {
            $0 + 2 * $1.trials - $1.frameLoss.withinBound - $1.timestamp.withinBound
        }
        let unsent = report.groups.filter { $0.from == nil }.reduce(0) { $0 + $1.unsent }
        let remark =
            unsent == 0
            ? [] : ["Probes not sent in time: \(unsent). This machine was too busy for them, and an outage looks shorter without them."]
        switch report.verdict {
        case .passed: return remark + [style.apply(.good, to: "Passed:") + " every error is within its bound."]
        case .failed: return remark + [style.apply(.bad, to: "Failed:") + " errors outside of their bounds: \(outside)."]
        }
    }

    /// In percent, rounded towards 0: 100 % are all.
    private static func share(_ part: Int, of all: Int) -> String {
        let permille = all == 0 ? 0 : part * 1_000 / all
        return permille == 1_000 ? "100 %" : "\(permille / 10).\(permille % 10) %"
    }
}

extension CalibrationReport.Group {
    fileprivate var rateText: String { rate == rate.rounded() ? "\(Int(rate))" : "\(rate)" }

    fileprivate var outages: String {
        guard let from, let to else { return "all" }
        return "\(from.spelt) to \(to.spelt)"
    }
}

extension Milliseconds {
    /// In the larger unit from a second on: `10 s`.
    fileprivate var spelt: String {
        nanoseconds >= 1_000_000_000 ? "\(Seconds(nanoseconds: nanoseconds).shortText) s" : "\(shortText) ms"
    }
}
