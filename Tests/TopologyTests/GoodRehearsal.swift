import LabPlan
import Topology

/// A file without errors, for tests that change a line of it.
enum GoodRehearsal {
    static let lines = [
        "rehearsal: 1",  // 1
        "name: storm",
        "duration: 5min",
        "probes: {rate: 10, payload: 100}",
        "timing: {profile: instant}",  // 5
        "steps:",
        "  - {at: 20s, do: reset gateway}",
        "  - {after: standby-took-addresses, by: 10s, do: reset connection, connection: osaka}",
        "  - {do: wait until recovered, within: 2min}",
        "expect:",  // 10
        "  - outage(tokyo) <= 60 s",
        "  - recovered within 90s",
    ]

    static let text = lines.joined(separator: "\n") + "\n"

    /// The file with lines replaced, counted from 1; an empty replacement removes the line.
    static func with(_ replacements: [Int: String]) -> String {
        lines.enumerated().compactMap { index, line in
            guard let replacement = replacements[index + 1] else { return line }
            return replacement.isEmpty ? nil : replacement
        }.joined(separator: "\n") + "\n"
    }

    static func load(_ replacements: [Int: String] = [:]) throws -> Rehearsal {
        try Rehearsal.load(text: with(replacements), file: "storm.yaml")
    }

    static func plan(_ replacements: [Int: String] = [:], topology: [Int: String] = [:]) throws -> LabPlan {
        try Topology.load(text: GoodTopology.with(topology), file: "lab.yaml").plan(seed: 1, rehearsal: load(replacements))
    }
}
