import AgentProtocol
import AgentSession
import ArgumentParser
import EventLoop
import Glibc
import GuestKernel
import LinuxKernel
import Processes

/// Where a lab runs: by which kernel, on which clock, and why there.
struct Place {
    enum Backend: String, ExpressibleByArgument, CaseIterable {
        case auto
        case host
        case guest
    }

    enum Clock: String, ExpressibleByArgument, CaseIterable {
        case virtual
        case real
    }

    /// `host` or `guest`.
    var backend: Backend
    var clock: Clock
    /// One line that says what was chosen and for what reason.
    var explanation: String
    /// Whether a saved guest was asked for, or not to have one; nil: one is used, and where there can be none, nobody is told.
    var templatesAskedFor: Bool?
    /// Whether guests in virtual time go on from a saved one where that is possible.
    var usesTemplates: Bool { templatesAskedFor ?? true }

    /// Runs an agent there until it has answered everything.
    ///
    /// - Parameters:
    ///   - nodeCount: how large a lab the requests build, for the guest's memory.
    ///   - traces: how many bytes the probes' traces will take, for the guest's memory.
    ///   - notice: told what takes its time before the agent starts.
    func run(
        _ requests: [AgentRequest], seed: UInt64, nodeCount: Int, traces: Int = 0, listener: AgentSession.Listener, notice: (String) -> Void
    ) throws -> [Int: AgentMessage.Answer] {
        do {
            switch backend {
            case .guest:
                let guest = try startGuest(requests, seed: seed, nodeCount: nodeCount, traces: traces, notice: notice)
                return try AgentSession(agent: guest, loop: try EventLoop(), listener: listener)
                    .run(requests, startDeadline: Self.guestStartDeadline)
            case .host, .auto:
                return try Self.runOnHost(requests, listener: listener)
            }
        } catch {
            throw Self.commandFailure(error)
        }
    }

    /// What a command tells and ends with for an error of an agent's.
    static func commandFailure(_ error: any Error) -> any Error {
        switch error {
        case let failure as AgentSession.Failure: CommandFailure(failure.exitStatus, "\(failure)")
        case let error as GuestKernelError: CommandFailure(.unsupported, "\(error)")
        case let error as ProcessError: CommandFailure(.unsupported, "\(error)")
        default: error
        }
    }

    /// Starts an agent there that takes its requests from the stream: for a lab that stands, in real time.
    ///
    /// - Parameter nodeCount: how large the lab will be, for the guest's memory.
    func startAgent(seed: UInt64, nodeCount: Int, notice: (String) -> Void) throws -> any RunningAgent {
        switch backend {
        case .guest: try startGuest([], seed: seed, nodeCount: nodeCount, hasTools: true, notice: notice)
        case .host, .auto: try HostAgent(executable: AgentExecutable.path())
        }
    }

    /// What a guest there is given for such a lab, in MiB; nil on the host, and without a kernel in the cache.
    func guestMemory(nodeCount: Int, traces: Int) -> Int? {
        guard backend == .guest, let folder = try? CacheFolder(), let kernel = KernelCache(folder: folder).cached,
            let agent = try? AgentExecutable.path(), let image = try? GuestImage(agent: agent, kernel: kernel)
        else { return nil }
        return GuestMemory.size(nodes: nodeCount, imageSize: image.size, traces: traces)
    }

    /// How long an agent there may take until its first word.
    var startDeadline: Duration { backend == .guest ? Self.guestStartDeadline : Self.hostStartDeadline }

    /// What an agent on the host found that this kernel can do.
    static func probeHost() throws -> [Capability] {
        let answers = try runOnHost(
            [AgentRequest(id: 1, operation: .probeCapabilities), AgentRequest(id: 2, operation: .shutDown)], listener: .init())
        guard case .capabilities(let capabilities)? = answers[1] else { return [] }
        return capabilities
    }

    /// Emulated, on a machine with something else to do, a boot takes its time; a guest that hangs takes for ever.
    private static let guestStartDeadline = Duration.seconds(120)
    private static let hostStartDeadline = Duration.seconds(20)

    private static func runOnHost(_ requests: [AgentRequest], listener: AgentSession.Listener) throws -> [Int: AgentMessage.Answer] {
        let agent = try HostAgent(executable: AgentExecutable.path())
        do {
            return try AgentSession(agent: agent, loop: try EventLoop(), listener: listener)
                .run(requests, startDeadline: hostStartDeadline)
        } catch {
            // A killed agent could not remove its lab: another one does it by the journal.
            if agent.endedBadly { _ = try? cleanUpHost() }
            throw error
        }
    }

    static func cleanUpHost() throws -> CleanUpReport {
        let agent = try HostAgent(executable: AgentExecutable.path())
        let answers = try AgentSession(agent: agent, loop: try EventLoop())
            .run([AgentRequest(id: 1, operation: .cleanUp), AgentRequest(id: 2, operation: .shutDown)], startDeadline: hostStartDeadline)
        guard case .cleanedUp(let report)? = answers[1] else { return CleanUpReport() }
        return report
    }

    private func startGuest(
        _ requests: [AgentRequest], seed: UInt64, nodeCount: Int, traces: Int = 0, hasTools: Bool = false,
        notice: (String) -> Void
    ) throws -> GuestMachine {
        let folder = try CacheFolder()
        let launcher = Launcher()
        let kernel = try KernelCache(folder: folder, launcher: launcher).kernel(report: notice)
        if hasTools, let missing = GuestTools.missing { notice(missing) }
        let image = try GuestImage(agent: AgentExecutable.path(), kernel: kernel, extraFiles: hasTools ? GuestTools.files() : [])
        let guestClock: GuestClock
        switch clock {
        case .virtual: guestClock = .virtual(seed: seed)
        case .real:
            notice("finding out whether KVM works here")
            guestClock = .real(try KVMTrial(kernel: kernel, folder: folder, launcher: launcher).verdict() == .works ? .kvm : .emulated)
        }
        return try GuestMachine(
            .init(
                kernel: kernel, image: image, job: clock == .virtual ? try requests.job() : [], clock: guestClock, nodes: nodeCount,
                traces: traces, templates: usesTemplates ? TemplateCache(folder: folder) : nil, launcher: launcher),
            progress: notice,
            fallback: { reason in
                if templatesAskedFor == true { standardError("resetlab: the guest is booted, not restored from a template: \(reason)") }
            })
    }
}

/// The agent's executable: beside this one, or where RESETLAB_AGENT says.
enum AgentExecutable {
    static func path() throws -> String {
        if let named = getenv("RESETLAB_AGENT").map({ String(cString: $0) }) {
            guard let path = ExecutableLookup.path(of: named) else {
                throw CommandFailure(.unsupported, "RESETLAB_AGENT names \(named), which is no program")
            }
            return path
        }
        let path = try OwnExecutable.sibling("resetlab-agent")
        guard access(path, X_OK) == 0 else {
            throw CommandFailure(
                .unsupported,
                "there is no resetlab-agent beside \(try OwnExecutable.path()); scripts/build builds it, RESETLAB_AGENT names it")
        }
        return path
    }
}

extension AgentSession.Failure {
    var exitStatus: ExitStatus {
        switch self {
        case .interrupted(SIGINT): .interrupted
        case .interrupted: .terminated
        case .refused(let failure) where failure.kind == .unsupported: .unsupported
        case .refused(let failure) where failure.kind == .badRequest: .badInput
        case .neverReady: .unsupported
        case .refused, .ended, .silent, .notUnderstood: .failed
        }
    }
}

/// The options that choose a place.
struct PlaceOptions: ParsableArguments {
    @Option(help: "Whose kernel carries the lab: this machine's, a guest's under QEMU, or whichever a probe finds fit.")
    var backend: Place.Backend = .auto

    @Option(help: "The lab's time: virtual (guest only, repeatable, idle time takes none) or real. Default: virtual in a guest.")
    var clock: Place.Clock?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Go on from a saved guest, or boot one. (default: a saved one, in virtual time)",
            discussion: """
                The report is the same; a saved guest takes three seconds less. Where none can be had the guest is booted, and with --template \
                the reason is told.
                """))
    var template: Bool?

    /// - Throws: `CommandFailure` for a combination that cannot be.
    func choose() throws -> Place {
        var place = try Place.choose(backend: backend, clock: clock)
        place.templatesAskedFor = template
        return place
    }
}

extension Place {
    /// - Throws: `CommandFailure` for a combination that cannot be.
    static func choose(backend: Backend, clock: Clock?) throws -> Place {
        switch (backend, clock) {
        case (.host, .virtual?):
            throw CommandFailure(.badInput, "--clock virtual needs --backend guest: only a guest's time can be counted in instructions")
        case (.host, _):
            return Place(backend: .host, clock: .real, explanation: "on this machine's kernel, in real time (as asked for)")
        case (.guest, _):
            return guest(clock, "as asked for")
        case (.auto, .virtual?):
            return guest(clock, "virtual time is a guest's")
        case (.auto, _):
            let missing = (try? Place.probeHost())?.filter { $0.isRequired && !$0.works }
            guard let missing else { return guest(clock, "the agent does not start on this machine") }
            if missing.isEmpty {
                return Place(
                    backend: .host, clock: .real, explanation: "on this machine's kernel, in real time (it has all that a lab needs)")
            }
            return guest(clock, "this machine's kernel lacks \(missing.map(\.name.rawValue).joined(separator: ", ")); see resetlab doctor")
        }
    }

    static func guest(_ clock: Clock?, _ reason: String) -> Place {
        let clock = clock ?? .virtual
        return Place(backend: .guest, clock: clock, explanation: "in a guest kernel, in \(clock.rawValue) time (\(reason))")
    }
}
