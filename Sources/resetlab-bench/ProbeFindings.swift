import Glibc

/// The table's lines about probes.
enum ProbeFindings {
    private static let rounds = 5
    /// 500 flows of 200 probes a second.
    private static let connections = 250
    private static let rate = 200.0

    /// On this machine's kernel; none without the right to make namespaces.
    static func measured() throws -> [Finding] {
        guard geteuid() == 0 else {
            standardError("not root: the probes' throughput on this machine is left out")
            return []
        }
        let runs = try (0..<rounds).map { _ in
            try ProbeThroughput.measure(connections: connections, rate: rate, duration: .seconds(4), goesFirst: true)
        }
        return [
            Finding("probes offered on this machine, \(2 * connections) flows", "a second", Series(runs.map(\.offered))),
            Finding("… of them not sent in time", "", Series(runs.map { Double($0.unsent) }), goal: 0),
            Finding("… of them lost", "", Series(runs.map { Double($0.lost) }), goal: 0),
            Finding("… one processor's time that they take", "", Series(runs.map(\.load)), goal: 1),
            Finding("… for each probe sent", "µs", Series(runs.map(\.cost))),
        ]
    }

    static func inGuest() throws -> [ProbeThroughput] {
        try [1, 10].map { try ProbeThroughput.measure(connections: $0, rate: 100, duration: .seconds(5), goesFirst: false) }
    }

    static func ofGuest(_ runs: [ProbeThroughput]) -> [Finding] {
        runs.map { run in
            Finding("a probe in the guest, \(Int(run.offered / 100)) flows, virtual", "µs", Series([run.cost]))
        }
    }
}
