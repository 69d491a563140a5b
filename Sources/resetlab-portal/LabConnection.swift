import AgentProtocol
import AzureResources
import Foundation
import Glibc
import LabKeeper
import LabPlan
import LinuxKernel
import ManagementAPI
import Measurement
import Preflight
import Synchronization

/// A standing lab as the server's requests ask it: a thread of its own has the connection to the lab's keeper, and answers come back to whoever
/// waits for them.
final class LabConnection: LabBackend {
    /// What stands, without keys.
    var plan: LabPlan { shared.plan.withLock { $0 } }
    private let shared: Shared
    private let labs: ServedLabs

    /// What the thread and the askers share.
    private final class Shared: Sendable {
        struct State {
            var jobs: [Job] = []
            var health: [HealthEntry] = []
            /// Why nothing is answered any more.
            var end: (any Error)?
            var status: (status: LabStatus, at: ContinuousClock.Instant)?
            var waitingForStatus: [CheckedContinuation<LabStatus, any Error>] = []
        }

        let state = Mutex(State())
        let plan: Mutex<LabPlan>
        let lab: Mutex<ServedLab>
        /// Written to when there is a new job.
        let wakeWriter: Int32
        let wakeReader: Int32

        init(_ plan: LabPlan, _ lab: ServedLab) throws {
            self.plan = Mutex(plan)
            self.lab = Mutex(lab)
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw SystemCallError("pipe", "a lab's connection", .last) }
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            (wakeReader, wakeWriter) = (ends[0], ends[1])
        }

        /// Notes a change that the lab has taken.
        func adopt(_ change: (inout ServedLab) -> Void) {
            let changed = lab.withLock { lab in
                change(&lab)
                return lab.plan.withoutSecrets
            }
            plan.withLock { $0 = changed }
            state.withLock { $0.status = nil }
        }

        func wake() {
            var byte: UInt8 = 1
            _ = write(wakeWriter, &byte, 1)
        }
    }

    private struct Job {
        var request: Request
        var finish: @Sendable (Result<Answer, any Error>) -> Void
    }

    private enum Request {
        case agent(AgentRequest.Operation)
        case keeper(KeeperRequest.Operation)
    }

    private enum Answer {
        case agent(AgentMessage.Answer)
        case keeper(KeeperMessage.Answer)
    }

    /// A status younger than this is told again: it is asked for by every page and client, and costs the agent a look at every SA.
    private static let statusAge = Duration.milliseconds(200)

    /// Connects to a lab that stands.
    ///
    /// - Parameters:
    ///   - lab: the one that the server has started.
    ///   - labs: which it is one of.
    ///   - ended: called once, from another thread, when the lab has gone.
    init(_ lab: ServedLab, of labs: ServedLabs, ended: @escaping @Sendable (any Error) -> Void) throws {
        self.labs = labs
        let client = try LabClient(lab: lab.name)
        let shared = try Shared(client.description.plan, lab)
        self.shared = shared
        client.healthReceived = { entries in shared.state.withLock { $0.health += entries } }
        _ = try client.request(.health(following: true))
        let transfer = Transfer(client: client)
        let thread = Thread {
            let error = Self.serve(transfer.client, shared)
            let (jobs, waiting) = shared.state.withLock { state in
                state.end = error
                defer { (state.jobs, state.waitingForStatus) = ([], []) }
                return (state.jobs, state.waitingForStatus)
            }
            for job in jobs { job.finish(.failure(error)) }
            for continuation in waiting { continuation.resume(throwing: error) }
            ended(error)
        }
        thread.name = "lab \(lab.name)"
        thread.start()
    }

    /// The client goes over to the thread, and is used nowhere else.
    private struct Transfer: @unchecked Sendable {
        let client: LabClient
    }

    // MARK: - The thread

    /// Serves until the lab has gone.
    private static func serve(_ client: LabClient, _ shared: Shared) -> any Error {
        var waiting: [Int: Job] = [:]
        do {
            while true {
                var watched = [
                    pollfd(fd: client.fileDescriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: shared.wakeReader, events: Int16(POLLIN), revents: 0),
                ]
                if poll(&watched, 2, -1) < 0, Errno.last != .interrupted { throw SystemCallError("poll", "the lab's keeper", .last) }
                if watched[1].revents != 0 {
                    var bytes = [UInt8](repeating: 0, count: 256)
                    _ = read(shared.wakeReader, &bytes, bytes.count)
                    let jobs = shared.state.withLock { state in
                        defer { state.jobs = [] }
                        return state.jobs
                    }
                    for job in jobs {
                        let id =
                            switch job.request {
                            case .agent(let operation): try client.request(operation)
                            case .keeper(let operation): try client.request(operation)
                            }
                        waiting[id] = job
                    }
                }
                guard watched[0].revents != 0 else { continue }
                for message in try client.receive() {
                    guard case .answer(let id, let answer) = message, let job = waiting.removeValue(forKey: id) else { continue }
                    if case .failed(let failure) = answer { job.finish(.failure(failure)) } else { job.finish(.success(.agent(answer))) }
                }
                for (id, answer) in client.takeAnswers() {
                    guard let job = waiting.removeValue(forKey: id) else { continue }
                    if case .failed(let failure) = answer { job.finish(.failure(failure)) } else { job.finish(.success(.keeper(answer))) }
                }
            }
        } catch {
            for job in waiting.values { job.finish(.failure(error)) }
            return error
        }
    }

    private func ask(_ request: Request) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(request: request) { continuation.resume(with: $0) }
            let end = shared.state.withLock { state in
                if state.end == nil { state.jobs.append(job) }
                return state.end
            }
            if let end { continuation.resume(throwing: end) } else { shared.wake() }
        }
    }

    private struct Unexpected: Error, CustomStringConvertible {
        var description: String { "the lab's agent answered with something else than it was asked for" }
    }

    // MARK: - What a lab is asked

    func status() async throws -> LabStatus {
        if let known = shared.state.withLock({ $0.status }), ContinuousClock.now - known.at < Self.statusAge { return known.status }
        return try await withCheckedThrowingContinuation { continuation in
            let (isFirst, end) = shared.state.withLock { state in
                if let end = state.end { return (false, Optional(end)) }
                state.waitingForStatus.append(continuation)
                return (state.waitingForStatus.count == 1, nil)
            }
            if let end { return continuation.resume(throwing: end) }
            // One question for all who want to know.
            if isFirst { askForStatus() }
        }
    }

    private func askForStatus() {
        let shared = shared
        let job = Job(request: .agent(.status)) { result in
            let outcome = result.flatMap { answer -> Result<LabStatus, any Error> in
                guard case .agent(.status(let status)) = answer else { return .failure(Unexpected()) }
                return .success(status)
            }
            let waiting = shared.state.withLock { state in
                if case .success(let status) = outcome { state.status = (status, ContinuousClock.now) }
                defer { state.waitingForStatus = [] }
                return state.waitingForStatus
            }
            for continuation in waiting { continuation.resume(with: outcome) }
        }
        shared.state.withLock { $0.jobs.append(job) }
        shared.wake()
    }

    func perform(_ action: LabAction) async throws -> ActionOutcome {
        guard case .agent(.performed(let outcome)) = try await ask(.agent(.perform(action))) else { throw Unexpected() }
        return outcome
    }

    func associations() async throws -> [AssociationRecord] {
        guard case .agent(.associations(let records)) = try await ask(.agent(.associations(withKeys: false))) else { throw Unexpected() }
        return records
    }

    func health() async throws -> [HealthEntry] { shared.state.withLock { $0.health }.closed }

    func preSharedKey(ofConnection connection: Int) async throws -> PreSharedKey {
        try shared.lab.withLock { lab in
            guard lab.plan.connections.indices.contains(connection) else { throw Unexpected() }
            return lab.plan.connections[connection].gatewaySide.preSharedKey
        }
    }

    func configuration(
        ofConnection connection: Int, by resource: JSONValue, localGateway: JSONValue, key: PreSharedKey
    ) throws -> ConnectionPlan.GatewayConfiguration {
        try GatewayChange(of: connection, in: plan).configuration(connection: resource, localGateway: localGateway, key: key)
    }

    func configure(connection: Int, as configuration: ConnectionPlan.GatewayConfiguration) async throws {
        guard case .agent(.done) = try await ask(.agent(.configure(connection: connection, configuration))) else { throw Unexpected() }
        shared.adopt { $0.configure(connection, as: configuration) }
    }

    func add(connection: JSONValue, localGateway: JSONValue, key: PreSharedKey) async throws {
        let extended = try shared.lab.withLock { $0 }.adding(connection: connection, localGateway: localGateway, key: key)
        guard case .agent(.done) = try await ask(.agent(.extend(extended.plan))) else { throw Unexpected() }
        shared.adopt { $0 = extended }
    }

    func takeDown() async throws {
        let name = shared.lab.withLock { $0.name }
        if let failure = await labs.takeDown(name) { throw APIError(500, "InternalServerError", failure) }
    }

    /// Both sides of every connection, compared; no key is part of it.
    func checks() async throws -> [ConnectionCheck] {
        guard case .keeper(.checked(let checks)) = try await ask(.keeper(.check(connection: nil))) else { throw Unexpected() }
        return checks
    }
}
