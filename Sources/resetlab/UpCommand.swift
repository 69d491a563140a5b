import AgentProtocol
import ArgumentParser
import EventLoop
import Glibc
import LabKeeper
import LabPlan
import LinuxKernel
import Processes
import Topology

struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Build a lab that keeps standing, to work in.",
        discussion: """
            The lab stands in real time until resetlab down takes it down, kept by a process in the background. Probes run all the time, so that \
            what anything costs is known. Several labs stand side by side under names of their own.
            """)

    @Argument(help: "The topology file (YAML); its format: resetlab schema topology.", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String

    @Option(help: ArgumentHelp("What the lab is called. Default: the topology's name.", valueName: "lab"))
    var name: String?

    @Option(help: "Whose kernel carries the lab: this machine's, a guest's under QEMU, or whichever a probe finds fit.")
    var backend: Place.Backend = .auto

    @Option(help: "What randomness is derived from: packet loss, jitter, keys.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Probes per second in each direction of each connection.", valueName: "probes"))
    var rate: Double = 10

    @Option(help: "What is printed on standard output.")
    var format: TextOrJSON = .text

    @Flag(help: "Show no progress, also on a terminal.")
    var quiet = false

    func run() throws {
        let text = try readFile(topology)
        let plan = try loadPlan(text)
        let labs = try LabsFolder()
        let standing = try labs.standing().map(\.lab)
        if standing.contains(plan.name) {
            throw CommandFailure(
                .badInput,
                "a lab named \(plan.name) stands already; resetlab down --lab \(plan.name) takes it down, --name gives this one another name"
            )
        }
        let redacted: String
        do {
            redacted = try RedactedTopology(text: text, file: topology).text
        } catch {
            throw CommandFailure(.badInput, "\(topology) is not used, nothing was built:\n\(error)")
        }
        let place = try Place.choose(backend: backend, clock: .real)
        standardError("resetlab: \(place.explanation)")
        let progress = ProgressLine(isWanted: !quiet)
        defer { progress.clear() }
        progress.show("starting")
        let keeper = try StartingKeeper(KeepJob(plan: plan, backend: place.backend == .guest ? .guest : .host, topology: redacted))
        let description = try keeper.awaitLab(progress)
        progress.clear()
        switch format {
        case .text: print(greeting(description, hasOthers: !standing.isEmpty), terminator: "")
        case .json: try printJSON(LabSummary(description))
        }
    }

    private func loadPlan(_ text: String) throws -> LabPlan {
        do {
            return try Topology.load(text: text, file: topology)
                .plan(labName: name, seed: seed, overrides: .init(probeRate: rate))
        } catch let errors as TopologyErrors {
            throw CommandFailure(.badInput, "\(topology) is not used, nothing was built:\n\(errors)")
        } catch let error as PlanError {
            throw CommandFailure(.badInput, "the options do not fit \(topology): \(error)")
        }
    }

    private func greeting(_ lab: LabDescription, hasOthers: Bool) -> String {
        let option = hasOthers ? " --lab \(lab.name)" : ""
        let site = lab.plan.connections.first.map { lab.plan.nodes[$0.site].name } ?? "vnet"
        let commands = [
            ("status\(option) --watch", "instances, connections, losses"),
            ("reset gateway\(option)", "as the real service does, and what it cost"),
            ("exec\(option) \(site) -- ip route", "a program in a node"),
            ("health\(option)", "what was available when"),
            ("down\(option)", "takes it down"),
        ]
        let width = commands.map(\.0.count).max() ?? 0
        return """
            Lab \(lab.name) stands: \(lab.topology), \(lab.backend.rawValue), Linux \(lab.kernel), seed \(lab.seed).
              nodes        \(Self.list(lab.nodes))
              connections  \(Self.list(lab.connections))
            Next:

            """ + commands.map { "  resetlab \($0.0)\(String(repeating: " ", count: width - $0.0.count))  # \($0.1)\n" }.joined()
    }

    private static func list(_ names: [String]) -> String {
        names.count > 12 ? names.prefix(12).joined(separator: ", ") + " and \(names.count - 12) more" : names.joined(separator: ", ")
    }
}

/// A keeper that was started and whose lab does not stand yet.
private struct StartingKeeper {
    private let process: ChildProcess
    private let reports: Int32

    init(_ job: KeepJob) throws {
        // A keeper that ends before it has read everything says why on the other pipe.
        signal(SIGPIPE, SIG_IGN)
        let (jobReader, jobWriter) = try Pipe().ends()
        let (reportReader, reportWriter) = try Pipe().ends()
        let itsJob = FileDescriptor(owning: jobReader)
        let ownJob = FileDescriptor(owning: jobWriter)
        let itsReports = FileDescriptor(owning: reportWriter)
        reports = reportReader
        process = try ChildProcess(
            Command("/proc/self/exe", [KeepCommand.commandName]),
            descriptors: [0: itsJob.rawValue, KeepReport.descriptor: itsReports.rawValue], inOwnSession: true)
        itsJob.close()
        itsReports.close()
        let bytes = try JSONLines.encode(job)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(ownJob.rawValue, $0.baseAddress, $0.count) }
            if count < 0, Errno.last != .interrupted { break }
            if count > 0 { written += count }
        }
    }

    /// Waits until the lab stands; from then on the keeper is on its own.
    ///
    /// - Throws: `CommandFailure` with what the keeper has told, after it has ended.
    func awaitLab(_ progress: ProgressLine) throws -> LabDescription {
        defer { close(reports) }
        let signals = try SignalWatch([SIGINT, SIGTERM])
        defer { signals.restore() }
        var lines = LineBuffer()
        while true {
            var watched = [
                pollfd(fd: reports, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&watched, 2, -1) < 0, Errno.last != .interrupted { throw SystemCallError("poll", "the lab's keeper", .last) }
            if let signal = signals.next() { try end(because: signal, progress) }
            guard watched[0].revents != 0 else { continue }
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = read(reports, &piece, piece.count)
            if count < 0, Errno.last == .interrupted { continue }
            guard count > 0 else { throw ended() }
            try lines.append(piece[..<count])
            while let line = lines.next() {
                switch try JSONLines.decode(KeepReport.self, from: line) {
                case .notice(let text): progress.show(text)
                case .progress(let done): progress.show(done)
                case .standing(let description):
                    process.letGo()
                    return description
                case .failed(let status, let message):
                    _ = process.wait(for: .seconds(90))
                    throw CommandFailure(ExitStatus(rawValue: status) ?? .failed, message)
                }
            }
        }
    }

    /// The user has thought better of it: the keeper takes down what there is.
    private func end(because signal: Int32, _ progress: ProgressLine) throws -> Never {
        progress.show("taking the lab down")
        process.signal(SIGTERM)
        if process.wait(for: .seconds(90)) == nil { process.kill() }
        throw CommandFailure(signal == SIGINT ? .interrupted : .terminated, "ended by \(signal == SIGINT ? "SIGINT" : "SIGTERM")")
    }

    private func ended() -> CommandFailure {
        let status = process.wait(for: .seconds(5)).map { "\($0)" } ?? "no word"
        return CommandFailure(.failed, "the lab's keeper has ended before the lab stood: \(status)")
    }
}
