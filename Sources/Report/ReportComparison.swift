import Measurement

/// Which outages grew or shrank from one report to another, beyond what the measurement's resolution and the trials' spread explain.
///
/// A flow's outage is *worse* when both hold:
/// 1. its median grew by more than the resolution of both reports (an outage read at rate r is known to ±1/r) and the tolerance;
/// 2. with several trials on a side, the values rank higher than chance explains: the exact Mann-Whitney test of new values that are more than
///    this bound above old ones, at 5 % over all flows (Holm 1979). Where there are too few trials for that level, all of the new values must be
///    more than the bound above all of the old ones.
///
/// *Better* is the same the other way round, and all else is *same*: no evidence of a change, which is no proof that there is none. An outage
/// that was not over counts as longer than any that was.
public struct ReportComparison: Codable, Sendable, Equatable {
    public enum Change: String, Codable, Sendable {
        case worse, better, same
        /// Only in the new report, or only in the old one.
        case appeared, vanished
    }

    /// How much longer an outage may get without being worse.
    public enum Tolerance: Sendable, Equatable {
        case time(Milliseconds)
        /// In hundredths of the old outage.
        case percent(Double)

        func allowed(over old: Milliseconds) -> Int64 {
            switch self {
            case .time(let time): time.nanoseconds
            case .percent(let percent): Int64(exactly: (Double(old.nanoseconds) * percent / 100).rounded(.down)) ?? .max
            }
        }
    }

    public struct Flow: Codable, Sendable, Equatable {
        public var connection: String
        public var direction: FlowDirection
        public var change: Change
        /// The median outage by frame loss; absent where the flow is not in a report.
        public var old: Milliseconds?
        public var new: Milliseconds?
        /// Up to which difference nothing is said: both resolutions and the tolerance.
        public var bound: Milliseconds?
        /// The chance of such ranks without a change; absent without several trials.
        public var chance: Double?
        /// Whether any trial of the report did not recover.
        public var oldNotRecovered: Bool
        public var newNotRecovered: Bool

        enum CodingKeys: String, CodingKey {
            case connection, direction, change
            case old = "old_ms"
            case new = "new_ms"
            case bound = "bound_ms"
            case chance, oldNotRecovered, newNotRecovered
        }
    }

    public static let schemaIdentifier = "resetlab.comparison/1"

    public var schema: String
    /// In the new report's order, then those that vanished.
    public var flows: [Flow]
    /// What else differs, in words: comparing unlike rehearsals shows their difference, not a regression.
    public var differences: [String]
    /// Whether an outage is worse, more lost probes are unexplained, or the new report failed where the old one passed.
    public var isRegression: Bool

    /// - Returns: nil when the reports have no flow in common.
    public init?(old: RehearsalReport, new: RehearsalReport, tolerance: Tolerance = .time(Milliseconds(nanoseconds: 0))) {
        let before = Dictionary(old.flows.indices.map { (FlowSample.key(old.flows[$0]), FlowSample(old, $0)) }) { first, _ in first }
        let after = new.flows.indices.map { (FlowSample.key(new.flows[$0]), FlowSample(new, $0)) }
        let pairs = after.compactMap { key, sample in before[key].map { ($0, sample) } }
        guard !pairs.isEmpty else { return nil }

        schema = Self.schemaIdentifier
        let verdicts = Self.judge(pairs, tolerance)
        var judged = verdicts.makeIterator()
        flows = after.compactMap { key, sample in
            before[key] == nil ? sample.alone(.appeared) : judged.next()
        }
        let kept = Set(after.map(\.0))
        flows += old.flows.indices.filter { !kept.contains(FlowSample.key(old.flows[$0])) }.map { FlowSample(old, $0).alone(.vanished) }
        differences = Self.differences(old, new)
        isRegression =
            flows.contains { $0.change == .worse } || new.ledger.unexplained > old.ledger.unexplained
            || old.verdict == .passed && new.verdict == .failed
    }

    /// As JSON text: sorted keys, a newline at the end.
    public func json() throws -> String { try JSONText.of(self) }

    private static func words(_ applications: RehearsalReport.ApplicationSettings?) -> String {
        applications.map { "\($0.messageRate) messages and \($0.requestRate) requests a second" } ?? "none"
    }

    private static func differences(_ old: RehearsalReport, _ new: RehearsalReport) -> [String] {
        let compared: [(String, String, String)] = [
            ("topology", old.topology, new.topology), ("rehearsal", old.rehearsal.name, new.rehearsal.name),
            ("steps", old.rehearsal.steps.map(\.action).joined(separator: "; "), new.rehearsal.steps.map(\.action).joined(separator: "; ")),
            ("duration", old.rehearsal.duration.shortText + " s", new.rehearsal.duration.shortText + " s"),
            ("probes per second", "\(old.rehearsal.probeRate)", "\(new.rehearsal.probeRate)"),
            ("payload", "\(old.rehearsal.probePayload)", "\(new.rehearsal.probePayload)"),
            ("applications", words(old.rehearsal.applications), words(new.rehearsal.applications)),
            ("timing", old.timing.profile, new.timing.profile),
            ("clock", old.clock.rawValue, new.clock.rawValue), ("backend", old.backend.rawValue, new.backend.rawValue),
            ("kernel", old.kernel, new.kernel), ("Resetlab", old.version, new.version),
            ("unexplained losses", "\(old.ledger.unexplained)", "\(new.ledger.unexplained)"),
            ("verdict", old.verdict.rawValue, new.verdict.rawValue),
        ]
        let causes = [old, new].map { report in Set(report.ledger.counters.filter { $0.explained > 0 }.map(\.counter)) }
        func remark(_ counters: Set<String>, _ when: String) -> [String] {
            let names = counters.sorted()
            guard !names.isEmpty else { return [] }
            return [
                "losses counted \(when): " + names.prefix(4).joined(separator: ", ")
                    + (names.count > 4 ? " and \(names.count - 4) more" : "")
            ]
        }
        return compared.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) before, \($0.2) now" }
            + remark(causes[0].subtracting(causes[1]), "before and not now")
            + remark(causes[1].subtracting(causes[0]), "now and not before")
    }
}

// MARK: - The rule

/// One flow's outages in one report.
private struct FlowSample {
    struct Key: Hashable {
        var connection: String
        var direction: FlowDirection
    }

    var key: Key
    /// Nanoseconds; an outage that was not over is longer than any.
    var values: [Int64]
    var median: Milliseconds
    var resolution: Int64
    var isOpen: Bool

    static func key(_ flow: RehearsalReport.Flow) -> Key { Key(connection: flow.connection, direction: flow.direction) }

    init(_ report: RehearsalReport, _ index: Int) {
        let flow = report.flows[index]
        key = Self.key(flow)
        resolution = flow.outage.resolution.nanoseconds
        if let trials = report.trials?.flows, trials.indices.contains(index) {
            values = zip(trials[index].frameLoss, trials[index].timestamp).map { $0.nanoseconds > 0 && $1 == nil ? .max : $0.nanoseconds }
            median = trials[index].frameLossSummary.median
        } else {
            values = [flow.outage.state == .notRecovered ? .max : flow.outage.frameLoss.nanoseconds]
            median = flow.outage.frameLoss
        }
        isOpen = values.contains(.max)
    }

    func alone(_ change: ReportComparison.Change) -> ReportComparison.Flow {
        ReportComparison.Flow(
            connection: key.connection, direction: key.direction, change: change, old: change == .vanished ? median : nil,
            new: change == .appeared ? median : nil, bound: nil, chance: nil, oldNotRecovered: change == .vanished && isOpen,
            newNotRecovered: change == .appeared && isOpen)
    }

    /// In how many pairs the other sample's value is more than the bound above this one's.
    func pairs(below other: FlowSample, bound: Int64) -> Int {
        values.reduce(0) { sum, value in sum + other.values.count { value < .max && $0 > value.addingSaturated(bound) } }
    }

    var middle: Int64 { values.sorted()[(values.count - 1) / 2] }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension ReportComparison {
    /// The chance of an error over all flows together.
    private static let level = 0.05

    private static func judge(_ pairs: [(old: FlowSample, new: FlowSample)], _ tolerance: Tolerance) -> [Flow] {
        struct Suspicion {
            var index: Int
            var change: Change
            var chance: Double
            var isSeparate: Bool
            var leastChance: Double
        }
        let bounds = pairs.map {
            ($0.old.resolution + $0.new.resolution).addingSaturated(tolerance.allowed(over: $0.old.median))
        }
        var flows: [Flow] = []
        var suspicions: [Suspicion] = []
        // Flows of one pair of reports have as many trials as each other: one test serves them all.
        var tests: [[Int]: RankTest] = [:]
        for (index, (old, new)) in pairs.enumerated() {
            let (m, n) = (old.values.count, new.values.count)
            let hasTrials = m > 1 || n > 1
            let isWorse = new.middle > old.middle.addingSaturated(bounds[index])
            let isBetter = old.middle > new.middle.addingSaturated(bounds[index])
            let above = isBetter ? new.pairs(below: old, bound: bounds[index]) : old.pairs(below: new, bound: bounds[index])
            let test = tests[[m, n]] ?? RankTest(first: m, second: n)
            tests[[m, n]] = test
            let chance = test.chance(ofAtLeast: above)
            flows.append(
                Flow(
                    connection: new.key.connection, direction: new.key.direction, change: .same, old: old.median, new: new.median,
                    bound: Milliseconds(nanoseconds: bounds[index]), chance: hasTrials ? chance : nil, oldNotRecovered: old.isOpen,
                    newNotRecovered: new.isOpen))
            guard isWorse || isBetter else { continue }
            suspicions.append(
                Suspicion(
                    index: index, change: isWorse ? .worse : .better, chance: chance, isSeparate: above == m * n,
                    leastChance: test.chance(ofAtLeast: m * n)))
        }
        // Holm: the least chance against the strictest level, and so on until one fails.
        var rejects = true
        for (rank, suspicion) in suspicions.sorted(by: { ($0.chance, $0.index) < ($1.chance, $1.index) }).enumerated() {
            let level = level / Double(pairs.count - rank)
            if suspicion.chance > level { rejects = false }
            if rejects || suspicion.leastChance > level && suspicion.isSeparate { flows[suspicion.index].change = suspicion.change }
        }
        return flows
    }
}

// MARK: - In words

extension ReportComparison {
    private var rows: [[String]] {
        func text(_ time: Milliseconds?, isOpen: Bool) -> String {
            time.map { Seconds(nanoseconds: $0.nanoseconds).text(decimals: 3) + " s" + (isOpen ? ", not recovered" : "") } ?? ""
        }
        return flows.map { flow in
            let difference = flow.old.flatMap { old in flow.new.map { $0.nanoseconds - old.nanoseconds } }
            return [
                flow.connection, flow.direction.shortName, text(flow.old, isOpen: flow.oldNotRecovered),
                text(flow.new, isOpen: flow.newNotRecovered),
                difference.map { ($0 > 0 ? "+" : "") + Seconds(nanoseconds: $0).text(decimals: 3) + " s" } ?? "",
                flow.bound.map { "±" + Seconds(nanoseconds: $0.nanoseconds).text(decimals: 3) + " s" } ?? "", flow.change.rawValue,
            ]
        }
    }

    private static let columns = ["Connection", "Direction", "Before", "Now", "Difference", "Unknown to", "Judgement"]

    private var conclusion: String {
        let worse = flows.count { $0.change == .worse }
        let better = flows.count { $0.change == .better }
        if worse + better == 0 { return isRegression ? "Worse, though no outage grew." : "No evidence of a change." }
        return "\(worse) of \(flows.count) outages worse, \(better) better."
    }

    /// For a terminal; ends with a newline.
    public func table(usesColour: Bool) -> String {
        let style = TerminalStyle(usesColour: usesColour)
        var table = TerminalTable(
            columns: Self.columns.enumerated().map { .init(title: $1, alignment: (2...5).contains($0) ? .right : .left) })
        for (flow, row) in zip(flows, rows) {
            table.append(row.map { .init($0, flow.change == .worse ? .bad : flow.change == .better ? .good : .plain) })
        }
        return
            (["Outage by frame loss (median where there are trials)"] + table.lines(style: style) + differences.map { "Differs: \($0)" }
            + [style.apply(isRegression ? .bad : .good, to: conclusion)]).joined(separator: "\n") + "\n"
    }

    /// For a pull request; ends with a newline.
    public var markdown: String {
        let lines = ([Self.columns, Self.columns.map { _ in "---" }] + rows.map { $0.map(MarkdownReport.escaped) }).map {
            "| " + $0.joined(separator: " | ") + " |"
        }
        return
            (["### \(isRegression ? "❌" : "✅") \(conclusion)", ""] + lines + [""]
            + differences.map { "- differs: \(MarkdownReport.escaped($0))" }).joined(separator: "\n") + "\n"
    }
}
