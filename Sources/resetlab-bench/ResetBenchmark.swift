import AgentProtocol
import LabPlan
import Processes

/// Resets at scale, as a user rehearses them, in virtual time: when the first and the last connection is back, with and without a bound of the
/// exchanges that go forward at once, and what it takes.
enum ResetBenchmark {
    static let sizes = [1, 100, 500, 1_000]
    /// Probes a second in each direction of each connection, and the many that are tried too where virtual time holds them.
    private static let (usualRate, manyProbes) = (1, 10)

    /// - Parameters:
    ///   - sizes: how many sites; each once with the gateway's own bound and once as good as without.
    ///   - folder: for the topologies; exists.
    static func measured(sizes: [Int], resetlab: String, folder: String) throws -> [Finding] {
        let launcher = Launcher()
        return try sizes.flatMap { sites in
            let bounds: [Int?] = sites > 1 ? [nil, unbounded] : [nil]
            let resets = try bounds.flatMap { bound in
                let words = "\(sites) sites reset" + (bound == nil ? "" : ", all key exchanges at once")
                return try findings(words, run(sites, bound, usualRate, "gateway-reset", resetlab, folder, launcher))
            }
            let many =
                Double(2 * sites * manyProbes) <= ProbeLoad.virtualCapacity
                ? try findings(
                    "\(sites) sites reset, \(manyProbes) probes a second each way",
                    run(sites, nil, manyProbes, "gateway-reset", resetlab, folder, launcher)) : []
            let connection = try run(sites, nil, usualRate, "connection-reset", resetlab, folder, launcher)
            return resets + many + [
                Finding("\(sites) sites, one connection reset: probes of others lost", "", Series([Double(connection.lostElsewhere)])),
                Finding("… wall", "s", Series([connection.wall])),
            ]
        }
    }

    /// The largest bound that a topology can have.
    private static let unbounded = 1_000

    private static func findings(_ words: String, _ run: Run) -> [Finding] {
        let installed = run.report.times(of: "gateway-security-installed")
        let first = run.report.times(of: "standby-took-addresses").first ?? .nan
        return [
            Finding("\(words): first SAs at the gateway after the address had moved", "s", Series([(installed.first ?? .nan) - first])),
            Finding("… last SAs at the gateway", "s", Series([(installed.last ?? .nan) - first])),
            Finding("… longest wait for a turn", "s", Series([run.report.exchangeQueue?.longestWait ?? 0])),
            Finding("… probes not sent in time", "", Series([Double(run.report.flows.reduce(0) { $0 + $1.unsent })])),
            Finding("… lost probes that no counter explains", "", Series([Double(run.report.ledger.unexplained)]), goal: 0),
            Finding("… the report's size as JSON", "MB", Series([Double(run.size) / 1e6])), Finding("… wall", "s", Series([run.wall])),
        ]
    }

    // MARK: - One rehearsal

    private struct Run {
        var report: Report
        /// Of the report, in bytes.
        var size: Int
        /// By the host's clock, in seconds.
        var wall: Double

        /// Lost by connections other than the first.
        var lostElsewhere: Int { report.flows.dropFirst(2).reduce(0) { $0 + $1.outage.lost } }
    }

    private static func run(
        _ sites: Int, _ bound: Int?, _ rate: Int, _ rehearsal: String, _ resetlab: String, _ folder: String, _ launcher: Launcher
    ) throws -> Run {
        standardError("\(sites) sites, \(rate) probes a second each way, \(rehearsal)" + (bound.map { ", \($0) exchanges at once" } ?? ""))
        let path = "\(folder)/sites-\(sites).yaml"
        try OutputFile.write(Array(topology(sites, bound).utf8), to: path)
        let finished = try RehearsalRun.measure(
            resetlab: resetlab, topology: path, options: ["--rehearsal", rehearsal, "--duration", "60s", "--rate", "\(rate)"],
            launcher: launcher)
        return Run(report: try JSONLines.decode(Report.self, from: finished.report), size: finished.report.count, wall: finished.wall)
    }

    /// 10 ms of delay a line, as the figures of before.
    private static func topology(_ sites: Int, _ bound: Int?) -> String {
        """
        resetlab: 1
        name: bench-\(sites)
        gateway:
          name: BenchGW
          addresses: [203.0.113.10]
          prefixes: [10.1.0.0/16]
          timing: {profile: azure-2021-02}
        \(bound.map { "  maxConcurrentExchanges: \($0)\n" } ?? "")sites:
          - name: site
            count: \(sites)
            address: 198.18.0.1
            prefixes: [10.64.0.0/24]
            connection: {preSharedKey: "for the benchmark"}
            link: {delay: 10ms}
        rehearsal: {duration: 60s, resetAt: 20s, probes: {rate: 1}}

        """
    }

    /// What of a rehearsal's report is told.
    private struct Report: Decodable {
        struct Event: Decodable {
            var at: Double
            var kind: String

            enum CodingKeys: String, CodingKey {
                case at = "at_s"
                case kind
            }
        }
        struct Flow: Decodable {
            struct Outage: Decodable { var lost: Int }
            var unsent: Int
            var outage: Outage
        }
        struct Queue: Decodable {
            var longestWait: Double

            enum CodingKeys: String, CodingKey { case longestWait = "longestWait_s" }
        }
        struct Ledger: Decodable { var unexplained: Int }
        var events: [Event]
        var flows: [Flow]
        var exchangeQueue: Queue?
        var ledger: Ledger

        /// In seconds, ascending.
        func times(of kind: String) -> [Double] { events.filter { $0.kind == kind }.map(\.at) }
    }
}
