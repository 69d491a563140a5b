import LabPlan
import LinuxKernel
import RunCost
import Topology

/// A rehearsal whose cost is measured.
struct CostCase {
    var name: String
    var plan: LabPlan
    /// Whether the model's figures are fitted to it; otherwise it tells how good they are.
    var isFitted: Bool

    /// Rehearsals that differ in one thing at a time, and then the project's own topologies and some between the others.
    ///
    /// - Parameter topologies: the folder of the project's topologies.
    static func all(topologies: String) throws -> [CostCase] {
        var cases: [CostCase] = []
        func add(_ name: String, isFitted: Bool = true, _ plan: LabPlan, _ change: (inout RehearsalPlan) -> Void = { _ in }) {
            var plan = plan
            change(&plan.rehearsal)
            cases.append(CostCase(name: name, plan: plan, isFitted: isFitted))
        }
        for (sites, rate, seconds) in [
            (1, 1, 60), (1, 1, 900), (1, 10, 60), (1, 10, 300), (1, 100, 60), (10, 1, 60), (10, 10, 60), (10, 30, 60), (40, 1, 60),
            (40, 10, 60),
        ] {
            add("\(sites) × \(rate)/s × \(seconds) s", try plan(sites: sites, rate: rate, seconds: seconds))
        }
        add("10 × 10/s × 60 s, jitter", try plan(sites: 10, rate: 10, seconds: 60, link: "{delay: 10ms, jitter: 2ms}"))
        add("1 × 100/s × 60 s, payload 1,400", try plan(sites: 1, rate: 100, seconds: 60)) { $0.probePayload = 1_400 }
        add("10 × 1/s × 60 s, 80 resets of connections", try plan(sites: 10, rate: 1, seconds: 60)) { rehearsal in
            rehearsal.steps = (0..<80).map { RehearsalStep(.next(after: .milliseconds(500)), .perform(.resetConnection($0 % 10))) }
        }
        add("20 × 1/s × 60 s, no reset", try plan(sites: 20, rate: 1, seconds: 60)) { $0.steps = [] }
        add("1 × 100/s × 60 s, double reset", try plan(sites: 1, rate: 100, seconds: 60), doubleReset)
        add("1 × 30/s × 60 s, double reset, drop reasons", try plan(sites: 1, rate: 30, seconds: 60)) {
            doubleReset(&$0)
            $0.wantsDropReasons = true
        }
        add("4 × 1/s × 60 s, applications", try plan(sites: 4, rate: 1, seconds: 60)) { $0.applications = ApplicationPlan() }

        add("3 × 30/s × 100 s", isFitted: false, try plan(sites: 3, rate: 30, seconds: 100))
        add("20 × 5/s × 60 s", isFitted: false, try plan(sites: 20, rate: 5, seconds: 60))
        add("80 × 2/s × 60 s", isFitted: false, try plan(sites: 80, rate: 2, seconds: 60))
        add("500 × 1/s × 60 s", isFitted: false, try plan(sites: 500, rate: 1, seconds: 60))
        for (file, rate) in [
            ("single-site", nil), ("two-sites", nil), ("ipv6", nil), ("active-active", nil), ("rekeying", nil), ("double-reset", 2.0),
            ("many-sites", 1),
        ] as [(String, Double?)] {
            add(
                "\(file).yaml" + (rate.map { ", \(Int($0))/s" } ?? ""), isFitted: false,
                try plan(of: "\(topologies)/\(file).yaml", rate: rate))
        }
        return cases
    }

    private static func doubleReset(_ rehearsal: inout RehearsalPlan) {
        rehearsal.steps = [1, 3].map { RehearsalStep(.at(.seconds($0)), .perform(.resetGateway(address: nil))) }
    }

    /// - Parameters:
    ///   - rate: probes a second, in each direction of each connection.
    ///   - link: each site's, as a topology has it.
    static func plan(sites: Int, rate: Int, seconds: Int, link: String = "{delay: 10ms}") throws -> LabPlan {
        let text = """
            resetlab: 1
            name: cost
            gateway:
              name: CostGW
              addresses: [203.0.113.10]
              prefixes: [10.1.0.0/16]
              timing: {profile: azure-2021-02}
            sites:
              - name: site
                count: \(sites)
                address: 198.18.0.1
                prefixes: [10.64.0.0/24]
                link: \(link)
                connection: {preSharedKey: "for the benchmark"}
            rehearsal:
              duration: \(seconds)s
              resetAt: 20s
              probes: {rate: \(rate)}
            """
        return try Topology.load(text: text, file: "cost.yaml").plan(seed: 1)
    }

    private static func plan(of path: String, rate: Double?) throws -> LabPlan {
        let topology = try Topology.load(text: String(decoding: FileContents.read(path), as: UTF8.self), file: path)
        var overrides = RehearsalOverrides(probeRate: rate)
        guard let run = topology.run else { return try topology.plan(seed: 1, overrides: overrides) }
        guard let builtIn = Rehearsal.builtIn(named: run.rehearsal) else { throw BenchFailure("\(path) has a rehearsal of its own") }
        overrides = overrides.over(run.overrides)
        return try topology.plan(seed: 1, rehearsal: builtIn.load(), overrides: overrides)
    }
}
