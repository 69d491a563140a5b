import AgentProtocol
import AgentSession
import ArgumentParser
import EventLoop
import Glibc
import LabPlan
import LinuxKernel
import Measurement
import Preflight
import Report
import RunCost
import Topology

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Build the lab, reset its gateway or do something else to it, and measure the outage.",
        discussion: """
            The lab is built from the topology, its connections come up, probes run in both directions of each, and the gateway is reset, or \
            what another rehearsal says is done. The table says what every connection lost, for how long, and why.

            Before that, both sides of every connection are compared as "resetlab check" does it: a difference ends the command.

            In virtual time (the guest's default) the same topology, seed and version give the same report byte for byte.
            """)

    @Argument(help: "The topology file (YAML); its format: resetlab schema topology.", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String?

    @Option(
        help: ArgumentHelp(
            "What is rehearsed: a built-in's name (see --list) or a file (YAML); its format: resetlab schema rehearsal. "
                + "Default: the topology's.", valueName: "name|file"), completion: .file(extensions: ["yaml", "yml"]))
    var rehearsal: String?

    @Flag(help: "List the built-in rehearsals.")
    var list = false

    @Option(help: ArgumentHelp("Print a built-in rehearsal, as a beginning for one of your own.", valueName: "name"))
    var show: String?

    @Flag(help: "Go on also when both sides of a connection differ.")
    var skipChecks = false

    @OptionGroup var place: PlaceOptions

    @Option(help: "What randomness is derived from: packet loss, jitter, keys.")
    var seed: UInt64 = 1

    @Option(help: "How long is measured, such as 60s or 5min. Default: the rehearsal's.", transform: Self.duration)
    var duration: Duration?

    @Option(
        help: "When the gateway is reset, or the first step begins, from the start of the measurement. Default: the rehearsal's.",
        transform: Self.duration)
    var resetAt: Duration?

    @Option(help: "Probes per second in each direction of each connection. Default: the rehearsal's.")
    var rate: Double?

    @Option(
        help: ArgumentHelp(
            "Rehearse so many times, with seeds counted up from --seed: the report has the statistics of all.", valueName: "number"))
    var trials = 1

    @Flag(help: "Ask the kernel for its reason for every drop (guest only). It takes a quarter longer where much is lost.")
    var dropReasons = false

    @Flag(
        help:
            "Let applications use each connection too, and tell what the outage was to them: a message stream and requests, both over TCP."
    )
    var applications = false

    @Flag(
        help: ArgumentHelp(
            "Print how long it would take here, and what for (virtual time only; --format table or json). Nothing is built or started."))
    var estimate = false

    @OptionGroup var reportOutput: ReportOutput

    @Option(
        help: ArgumentHelp(
            "Compare with this JSON report, on standard error; an outage that grew is exit code 1 (see resetlab compare).",
            valueName: "file"),
        completion: .file(extensions: ["json"]))
    var baseline: String?

    @OptionGroup var comparison: ComparisonOptions

    @Option(name: .shortAndLong, help: "Write the JSON report to this file as well.", completion: .file())
    var output: String?

    @Flag(help: "Show no progress, also on a terminal.")
    var quiet = false

    func validate() throws {
        guard (1...Self.mostTrials).contains(trials) else {
            throw ValidationError("--trials: found \(trials); allowed: 1 to \(Self.mostTrials)")
        }
        guard !seed.addingReportingOverflow(UInt64(trials - 1)).overflow else {
            throw ValidationError("--seed: found \(seed) with \(trials) trials; allowed: at most \(UInt64.max - UInt64(trials - 1))")
        }
        guard topology == nil, !list, show == nil else { return }
        throw ValidationError("Missing expected argument '<topology>'")
    }

    private static let mostTrials = 1_000

    func run() throws {
        if list { return print(listing, terminator: "") }
        if let show { return try printBuiltIn(show) }
        guard let topology else { return }
        let plan = try loadPlan(topology, seed: seed)
        if estimate { return try printEstimate(of: plan) }
        let checks = try check(plan)
        // Before the work, not after it.
        if let output { try checkWritable(output) }
        try reportOutput.checkWritable()
        let before = try baseline.map { try ReportFile.read($0) }
        if let before, let baseline { try checkComparable(before, baseline, plan) }
        let place = try self.place.choose()
        if dropReasons, place.backend == .host {
            throw CommandFailure(
                .badInput,
                "--drop-reasons: found the host's kernel, which would tell of other programs' packets too; allowed: --backend guest")
        }
        standardError("resetlab: \(place.explanation)")
        if place.clock == .virtual, let warning = ProbeLoad(plan).warning { standardError("resetlab: \(warning)") }

        let progress = ProgressLine(isWanted: !quiet)
        defer { progress.clear() }
        progress.show("starting")
        let reports = try (0..<trials).map { try report(ofTrial: $0, topology, at: place, checks: checks, progress: progress) }
        progress.clear()

        guard let report = RehearsalReport(trials: reports) else { return }
        try reportOutput.put(report)
        if let output { try write(Array(try report.json().utf8), to: output) }
        var isRegression = false
        if let before, let baseline {
            let result = try comparison.compare(before, report, names: (baseline, "this rehearsal"))
            standardError(result.table(usesColour: false))
            isRegression = result.isRegression
        }
        if report.verdict == .failed || isRegression { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }

    /// As a topology has it.
    private static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(topologyText: text) else {
            throw ValidationError("found \(text); allowed: a duration with its unit, such as 1500ms, 60s or 5min")
        }
        return duration
    }

    /// - Throws: When the baseline is of other connections altogether: it would be found out only after the rehearsal.
    private func checkComparable(_ before: RehearsalReport, _ baseline: String, _ plan: LabPlan) throws {
        let (old, new) = (before.lab.sites.map(\.connection), plan.connections.map(\.name))
        guard Set(old).isDisjoint(with: new) else { return }
        throw CommandFailure(
            .badInput,
            "--baseline \(baseline) has no connection of this topology: found \(Self.some(old)); allowed: a report of \(Self.some(new))")
    }

    private static func some(_ names: [String]) -> String {
        names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
    }

    // MARK: Built-ins

    private var listing: String {
        let width = Rehearsal.builtIns.map(\.name.count).max() ?? 0
        return Rehearsal.builtIns.map { builtIn in
            builtIn.name + String(repeating: " ", count: width + 2 - builtIn.name.count) + builtIn.summary + "\n"
        }.joined()
    }

    private func printBuiltIn(_ name: String) throws {
        guard let builtIn = Rehearsal.builtIn(named: name) else {
            let names = Rehearsal.builtIns.map(\.name).joined(separator: ", ")
            throw CommandFailure(.badInput, "there is no built-in rehearsal \(name); allowed: \(names)")
        }
        print(builtIn.text, terminator: "")
    }

    // MARK: Estimate

    private func printEstimate(of plan: LabPlan) throws {
        let formats = [ReportFormat.table, .json]
        guard formats.contains(reportOutput.format) else {
            throw CommandFailure(
                .badInput,
                "--estimate --format: found \(reportOutput.format.rawValue); allowed: \(formats.map(\.rawValue).joined(separator: ", "))")
        }
        let place = try self.place.choose()
        guard place.clock == .virtual else {
            throw CommandFailure(
                .badInput,
                "--estimate: found \(place.explanation), where a rehearsal takes as long as it measures; allowed: --clock virtual")
        }
        let estimate = RunEstimate(
            plan, trials: trials, on: MachineRecord()?.speed, usesTemplate: place.usesTemplates,
            guestMemory: place.guestMemory(nodeCount: plan.nodes.count, traces: TraceMemory(plan).bytes))
        print(reportOutput.format == .json ? try estimate.json() : estimate.text, terminator: "")
    }

    // MARK: Input

    private func loadPlan(_ path: String, seed: UInt64) throws -> LabPlan {
        var plan = try resolve(path, seed: seed)
        plan.rehearsal.wantsDropReasons = dropReasons
        return plan
    }

    private func resolve(_ path: String, seed: UInt64) throws -> LabPlan {
        let topology = try TopologyFile.load(path)
        let options = RehearsalOverrides(duration: duration, resetAt: resetAt, probeRate: rate, wantsApplications: applications)
        do {
            if let rehearsal {
                return try topology.plan(seed: seed, rehearsal: RehearsalFile.load(rehearsal), overrides: options)
            }
            if let run = topology.run {
                let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
                return try topology.plan(
                    seed: seed, rehearsal: RehearsalFile.load(run.rehearsal, from: folder), overrides: options.over(run.overrides))
            }
            return try topology.plan(seed: seed, overrides: options)
        } catch let errors as TopologyErrors {
            throw CommandFailure(.badInput, "the rehearsal does not fit \(path), nothing was built:\n\(errors)")
        } catch let error as PlanError {
            throw CommandFailure(.badInput, "the options do not fit \(path): \(error)")
        }
    }

    // MARK: Checks

    /// - Throws: When both sides of a connection differ, unless that is to be passed over.
    private func check(_ plan: LabPlan) throws -> [ConnectionCheck] {
        let checks = ConnectionCheck.all(of: plan, connection: plan.rehearsal.onlyConnection)
        let names = checks.filter { !$0.differences.isEmpty }.map(\.connection)
        guard !names.isEmpty, !skipChecks else { return checks }
        standardError(CheckTable(checks, differencesOnly: true, usesColour: false).text)
        throw CommandFailure(
            .expectationFailed,
            "both sides of \(names.joined(separator: ", ")) differ, so nothing was built; --skip-checks goes on all the same")
    }

    private func report(
        ofTrial trial: Int, _ topology: String, at place: Place, checks: [ConnectionCheck], progress: ProgressLine
    ) throws -> RehearsalReport {
        let seed = seed + UInt64(trial)
        if trials > 1 { progress.prefix = "trial \(trial + 1) of \(trials): " }
        let plan = try loadPlan(topology, seed: seed)
        do {
            return RehearsalReport(
                result: try rehearse(plan, at: place, progress: progress), plan: plan, version: resetlabVersion,
                backend: place.backend == .guest ? .guest : .host, clock: place.clock == .virtual ? .virtual : .real,
                timingSources: TimingProfile.sources(of: plan.timing, triggers: plan.rehearsal.triggers), checks: checks)
        } catch let failure as CommandFailure where trials > 1 {
            throw CommandFailure(failure.status, "trial \(trial + 1) of \(trials), seed \(seed): \(failure.message)")
        }
    }

    private func rehearse(_ plan: LabPlan, at place: Place, progress: ProgressLine) throws -> RehearsalResult {
        // Known before the guest starts: the speed of a run that fetches its kernel first is not kept.
        let record = place.clock == .virtual ? MachineRecord() : nil
        let requests = RehearsalRequests(plan, measuresUse: place.clock == .virtual)
        let began = SystemClock.monotonic.nanoseconds
        var ready = began
        let listener = AgentSession.Listener(
            hello: { _ in ready = SystemClock.monotonic.nanoseconds }, progress: { progress.show($0) })
        let answers = try place.run(
            requests.all, seed: plan.seed, nodeCount: plan.nodes.count, traces: TraceMemory(plan).bytes, listener: listener
        ) {
            progress.show($0)
        }
        let ended = SystemClock.monotonic.nanoseconds
        guard let result = requests.result(in: answers) else {
            throw CommandFailure(.failed, "the agent answered the rehearsal with something else")
        }
        if let record, let use = requests.use(in: answers) {
            record.add(
                MachineSpeed.Run(
                    start: Double(ready - began) / 1e9, usedTemplate: place.usesTemplates, rest: Double(ended - ready) / 1e9,
                    instructions: Double(use.instructions), wakeUps: Double(use.wakeUps)))
        }
        return result
    }
}

extension RehearsalPlan {
    /// The connection that every step resets, where no step does anything else.
    fileprivate var onlyConnection: Int? {
        var only: Int?
        for case .perform(let action) in steps.map(\.action) {
            guard case .resetConnection(let connection) = action, only ?? connection == connection else { return nil }
            only = connection
        }
        return only
    }
}
