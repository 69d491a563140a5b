import AgentProtocol
import AgentSession
import ArgumentParser
import Measurement
import Report

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure outages of known length, and show how far off both methods are.",
        discussion: """
            A link is taken down for known times, from 1 ms to 10 s, log-spaced and at random phases to the probes. The table shows the \
            distribution of the errors of both methods of RFC 6201, by probe rate and by decade of the outage.

            In virtual time (the default) the same trials, rates, seed and version give the same report byte for byte. In real time the link is \
            in this machine's own kernel where that can be, and each outage takes as long as it is.

            Exit code 1 when any error exceeds its bound.
            """)

    @Option(help: "How many outages. Default: 1000 in virtual time, 40 in real time.")
    var trials: Int?

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Probes per second; several rates measure the same outages side by side.", valueName: "rate"))
    var rate: [Double] = [100]

    @Option(help: "What durations and phases are derived from.")
    var seed: UInt64 = 1

    @OptionGroup var place: PlaceOptions

    @Option(help: "What is printed on standard output.")
    var format: OutputFormat = .table

    @Flag(help: "Show no progress, also on a terminal.")
    var quiet = false

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    private static let trialsInVirtualTime = 1_000
    private static let trialsInRealTime = 40

    func run() throws {
        // Before anything is started; the number of trials that is taken by default is one that can be.
        try checked(CalibrationPlan(trials: trials ?? 1, rates: rate, seed: seed))
        let place = try choosePlace()
        standardError("resetlab: \(place.explanation)")
        let plan = CalibrationPlan(
            trials: trials ?? (place.clock == .virtual ? Self.trialsInVirtualTime : Self.trialsInRealTime), rates: rate, seed: seed)

        let progress = ProgressLine(isWanted: !quiet)
        defer { progress.clear() }
        progress.show("starting")
        let result = try calibrate(plan, at: place, progress: progress)
        progress.clear()

        let report = CalibrationReport(
            result: result, plan: plan, version: resetlabVersion, backend: place.backend == .guest ? .guest : .host,
            clock: place.clock == .virtual ? .virtual : .real)
        switch format {
        case .table: print(CalibrationTable(report, usesColour: standardOutputUsesColour).text, terminator: "")
        case .json: print(try report.json(), terminator: "")
        }
        if report.verdict == .failed { throw ExitCode(ExitStatus.expectationFailed.rawValue) }
    }

    private func checked(_ plan: CalibrationPlan) throws {
        let mistakes = plan.mistakes
        guard mistakes.isEmpty else { throw CommandFailure(.badInput, "--" + mistakes.joined(separator: "\nresetlab: --")) }
    }

    /// A calibration needs less of a kernel than a lab does: in real time this machine's own is taken where it has that.
    private func choosePlace() throws -> Place {
        guard place.backend == .auto else { return try place.choose() }
        guard place.clock == .real else { return Place.guest(.virtual, "virtual time repeats itself") }
        let needed: Set<Capability.Name> = [.namespaces, .veth]
        let works = (try? Place.probeHost())?.filter { needed.contains($0.name) && $0.works } ?? []
        guard works.count == needed.count else {
            return Place.guest(.real, "this machine's kernel makes no namespaces and veth pairs for us")
        }
        return Place(
            backend: .host, clock: .real, explanation: "on this machine's kernel, in real time (it has all that a calibration needs)")
    }

    private func calibrate(_ plan: CalibrationPlan, at place: Place, progress: ProgressLine) throws -> CalibrationResult {
        let requests = [AgentRequest(id: 1, operation: .calibrate(plan)), AgentRequest(id: 2, operation: .shutDown)]
        let listener = AgentSession.Listener(progress: { progress.show($0) })
        let answers = try place.run(requests, seed: seed, nodeCount: 2, listener: listener) { progress.show($0) }
        guard case .calibrated(let result)? = answers[1] else {
            throw CommandFailure(.failed, "the agent answered the calibration with something else")
        }
        return result
    }
}
