import GuestKernel
import Processes

/// The table's lines about whole rehearsals, from the command to the report: from a template and booted in turn.
enum RehearsalFindings {
    private static let rounds = 5

    private static let cases: [(name: String, topology: String, options: [String], goal: Double)] = [
        ("two sites, 60 virtual seconds", "two-sites.yaml", [], 8),
        ("double reset, 45 virtual minutes, 10 probes a second", "double-reset.yaml", ["--duration", "45min", "--rate", "10"], 30),
    ]

    static func measured(resetlab: String, topologies: String) throws -> [Finding] {
        let launcher = Launcher()
        return try cases.flatMap { name, topology, options, goal -> [Finding] in
            func run(_ start: String) throws -> RehearsalRun {
                try .measure(resetlab: resetlab, topology: "\(topologies)/\(topology)", options: options + [start], launcher: launcher)
            }
            // The first one saves the template, unless it is there.
            let first = try run("--template")
            var (restored, booted): ([RehearsalRun], [RehearsalRun]) = ([], [])
            for round in 1...rounds {
                standardError("\(name), round \(round) of \(rounds)")
                restored.append(try run("--template"))
                booted.append(try run("--no-template"))
            }
            let differing = (restored + booted).count { $0.report != first.report }
            let (saved, cold) = (Series(restored.map(\.wall)), Series(booted.map(\.wall)))
            return [
                Finding("\(name), wall", "s", saved, goal: goal), Finding("… booted", "s", cold),
                Finding("… from a template / booted", "", saved / cold), Finding("… probes", "", Series([Double(first.probes)])),
                Finding("… reports that differ from the first, of \(2 * rounds)", "", Series([Double(differing)]), goal: 0),
            ]
        }
    }
}
