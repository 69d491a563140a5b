import LabPlan
import Measurement
import Preflight

/// The report of a rehearsal: what was done, what the outage was, and why. The same inputs and seed give the same report, so that it names no
/// wall-clock time and no machine.
///
/// Its JSON form is described by `ReportSchema`; all other formats are made from this type alone.
public struct RehearsalReport: Codable, Sendable, Equatable {
    public enum Backend: String, Codable, Sendable {
        /// Namespaces of the machine itself.
        case host
        /// A kernel of its own in a virtual machine.
        case guest
    }

    public enum Clock: String, Codable, Sendable {
        case real
        /// Time that counts instructions and skips idling.
        case virtual
    }

    public enum Verdict: String, Codable, Sendable {
        case passed
        case failed
    }

    public static let schemaIdentifier = "resetlab.rehearsal/3"

    public var schema: String
    /// Resetlab's version.
    public var version: String
    /// The topology's file name without folders.
    public var topology: String
    public var backend: Backend
    public var clock: Clock
    public var seed: UInt64
    /// The release of the kernel that carried the lab.
    public var kernel: String
    /// The kernel's uptime at the measured part's start; all other times count from there.
    public var measuredFrom: Seconds
    public var lab: Lab
    public var rehearsal: RehearsalReport.Settings
    public var timing: Timing
    public var events: [Event]
    /// The gateway's and the connections' health history.
    public var health: [Health]
    public var flows: [Flow]
    /// The key exchanges that had to wait for others; absent where none did.
    public var exchangeQueue: ExchangeQueue?
    /// What each connection's applications went through; absent where none ran.
    public var applications: [Application]?
    /// Absent for a single one.
    public var trials: Trials?
    public var ledger: Ledger
    /// What RFC 6201 §1.4 asks a report for.
    public var characterization: [ReportingItem] = []
    public var encryption: EncryptionAudit
    /// Differences between both sides of connections that were found before and passed over, on request; empty without any.
    public var checks: [ConnectionCheck]
    public var expectations: [Expectation]
    public var verdict: Verdict

    enum CodingKeys: String, CodingKey {
        case schema, version, topology, backend, clock, seed, kernel
        case measuredFrom = "measuredFrom_s"
        case lab, rehearsal, timing, events, health, flows, exchangeQueue, applications, trials, ledger, characterization, encryption,
            checks, expectations, verdict
    }

    /// - Parameters:
    ///   - result: what the agent measured.
    ///   - plan: what it carried out.
    ///   - version: Resetlab's version.
    ///   - timingSources: the documents that the timing's durations come from.
    ///   - checks: what was compared before; only differences are kept.
    public init(
        result: RehearsalResult, plan: LabPlan, version: String, backend: Backend, clock: Clock, timingSources: [String],
        checks: [ConnectionCheck] = []
    ) {
        let names = CounterNames(plan: plan)
        schema = Self.schemaIdentifier
        self.version = version
        topology = plan.topology
        self.backend = backend
        self.clock = clock
        seed = plan.seed
        kernel = result.kernelRelease
        measuredFrom = Seconds(nanoseconds: result.startUptime)
        lab = Lab(plan)
        rehearsal = Settings(plan)
        timing = Timing(plan.timing, triggers: plan.rehearsal.triggers, sources: timingSources)
        events = result.events.map { Event($0) }
        health = Health.all(of: result.events, in: plan)
        flows = zip(result.flows, Breakdown.all(in: result, plan)).map { Flow($0, breakdowns: $1, names: names) }
        exchangeQueue = ExchangeQueue(result.events, limit: plan.gateway.maxConcurrentExchanges)
        let duration = Seconds(plan.rehearsal.duration).nanoseconds
        applications = result.applications?.map { Application($0, duration: duration) }
        ledger = Ledger(result, names: names)
        encryption = result.encryption
        self.checks = checks.filter { !$0.differences.isEmpty }.map {
            ConnectionCheck(connection: $0.connection, site: $0.site, items: $0.differences)
        }
        expectations =
            ExpectationEvaluation(lab: plan, result: result).expectations
            + [Expectation(stepsOf: result.events), Expectation(encryption: result.encryption)].compactMap(\.self)
        verdict = expectations.allSatisfy(\.holds) ? .passed : .failed
        characterization = characterize()
    }
}
