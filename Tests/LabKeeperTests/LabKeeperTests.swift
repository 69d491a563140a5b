import AgentProtocol
import AgentSession
import Foundation
import LabKeeper
import LabPlan
import LinuxKernel
import Measurement
import TestRequirements
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LabKeeperTests {
    // MARK: - Standing and ending

    @Test func standsAndGoes() throws {
        let lab = try KeptLab().standing()
        #expect(lab.agent.requests.map(\.operation.name) == ["build", "watch"])
        #expect(try lab.labs.standing().map(\.lab) == ["small"])
        let written = try #require(lab.folder.description)
        #expect(written == lab.description)
        #expect(written.kernel == "9.9-fake")
        #expect(written.nodes == ["internet", "vnet", "gateway-0", "gateway-1", "tokyo", "osaka"])
        #expect(written.connections == ["to-tokyo", "to-osaka"])
        let client = try lab.client()
        #expect(client.description == written)
        _ = try client.ask(.down)
        // When that is answered, nothing is left.
        #expect(access(lab.folder.path, F_OK) != 0)
        #expect(lab.agent.requests.last?.operation.name == "shutDown")
        #expect(lab.agent.wasStopped)
        try lab.ended()
        #expect(try lab.labs.standing().isEmpty)
    }

    @Test func noSecretIsWrittenDownOrToldToClients() throws {
        let lab = try KeptLab().standing()
        for file in [lab.folder.descriptionFile, lab.folder.topology] {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!text.contains("secret"))
            #expect(!text.contains("97,32,115"))
        }
        #expect(try lab.client().description.plan.connections.allSatisfy { $0.siteSide.preSharedKey.secret.isEmpty })
        var status = stat()
        #expect(stat(lab.folder.socket, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        try lab.takeDown()
    }

    @Test func aRefusedBuildIsToldAndLeavesNothing() throws {
        let lab = try KeptLab { request, agent in
            agent.answer(request, .failed(.init(kind: .unsupported, message: "no veth here")))
        }
        #expect { try lab.ended() } throws: { ($0 as? AgentFailure)?.description == "no veth here" }
        #expect(lab.agent.wasStopped)
        #expect(access(lab.folder.path, F_OK) != 0)
    }

    @Test func anAgentThatDiesEndsTheLab() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        lab.agent.die()
        #expect { try client.ask(.status) } throws: { "\($0)".contains("the fake agent's last words") }
        #expect(throws: AgentFailure.self) { try lab.ended() }
        #expect(access(lab.folder.path, F_OK) != 0)
    }

    @Test func anAgentThatDoesNotTakeTheLabDownIsEnded() throws {
        let lab = try KeptLab(endDeadline: .milliseconds(50)) { request, agent in
            if request.operation.name != "shutDown" { FakeAgent.usual(request, agent) }
        }.standing()
        _ = try lab.client().ask(.down)
        #expect(lab.agent.wasStopped)
        try lab.ended()
    }

    @Test func aNameStandsOnce() throws {
        let lab = try KeptLab().standing()
        #expect { try KeptLab(root: lab.root) } throws: { "\($0)".contains("a lab named small stands already") }
        let other = try KeptLab(name: "other", root: lab.root).standing()
        #expect(try lab.labs.standing().map(\.lab) == ["other", "small"])
        _ = try other.client().ask(.down)
        try lab.takeDown()
    }

    @Test func deadRemainsAreCleared() throws {
        let lab = try KeptLab().standing()
        let dead = lab.labs.folder(of: "dead")
        try FileManager.default.createDirectory(atPath: dead.path, withIntermediateDirectories: true)
        for file in ["lock", "lab.json", "log"] { try "".write(toFile: "\(dead.path)/\(file)", atomically: false, encoding: .utf8) }
        #expect(try lab.labs.standing().map(\.lab) == ["small"])
        #expect(access(dead.path, F_OK) != 0)
        try lab.takeDown()
    }

    @Test func aFolderOfSomebodyElsesIsNotUsed() throws {
        let root = try TemporaryFolder()
        #expect(chmod(root.path, 0o777) == 0)
        #expect(throws: LabFolderError.self) { try LabsFolder { $0 == "RESETLAB_RUN" ? root.path : nil } }
        #expect(throws: LabFolderError.self) { try LabsFolder { $0 == "RESETLAB_RUN" ? "here" : nil } }
    }

    // MARK: - Clients

    @Test func clientsHaveNumbersOfTheirOwn() throws {
        let lab = try KeptLab { request, agent in
            guard case .execute(let execution) = request.operation else { return FakeAgent.usual(request, agent) }
            agent.send(.output(id: request.id, .init(descriptor: 1, bytes: .init(Array(execution.arguments[0].utf8)))))
            agent.answer(request, .ended(.init(status: 3)))
        }.standing()
        let clients = try (0..<3).map { _ in try lab.client() }
        for (index, client) in clients.enumerated() {
            var output: [AgentMessage] = []
            let execution = Execution(node: 0, arguments: ["program \(index)"], environment: [], terminal: nil)
            guard case .ended(let end) = try client.ask(.execute(execution), progress: { output.append($0) }) else {
                Issue.record("not the program's end")
                continue
            }
            #expect(end.status == 3)
            guard case .output(let id, let text)? = output.first else {
                Issue.record("no output")
                continue
            }
            // Each client's first request.
            #expect(id == 1)
            #expect(text.bytes.bytes == Array("program \(index)".utf8))
        }
        let numbers = lab.agent.requests.map(\.id)
        #expect(Set(numbers).count == numbers.count)
        try lab.takeDown()
    }

    @Test func inputAndStopAreForTheClientsOwnProgram() throws {
        let lab = try KeptLab().standing()
        let (first, second) = (try lab.client(), try lab.client())
        let execution = Execution(node: 0, arguments: ["cat"], environment: [], terminal: nil)
        let id = try first.request(.execute(execution))
        _ = try first.ask(.input(execution: id, .end))
        let started = try #require(lab.agent.requests.first { $0.operation.name == "execute" })
        guard case .input(let execution, _)? = lab.agent.requests.last?.operation else {
            Issue.record("no input")
            return
        }
        #expect(execution == started.id)
        // Another client's program is none of its own, whatever the number.
        #expect(throws: AgentMessage.Failure.self) { try second.ask(.input(execution: id, .end)) }
        #expect(throws: AgentMessage.Failure.self) { try second.ask(.stop(request: id)) }
        _ = try first.ask(.stop(request: id))
        try lab.takeDown()
    }

    @Test func whatRunsForAClientEndsWithIt() throws {
        let lab = try KeptLab().standing()
        var client: LabClient? = try lab.client()
        _ = try client?.request(.execute(Execution(node: 0, arguments: ["cat"], environment: [], terminal: nil)))
        _ = try client?.request(.capture(CaptureRequest(node: 1, interface: nil)))
        _ = try client?.request(.perform(.resetGateway(address: nil)))
        let capture = try #require(lab.agent.awaitRequest { if case .capture = $0 { true } else { false } })
        let execution = try #require(lab.agent.awaitRequest { if case .execute = $0 { true } else { false } })
        let action = try #require(lab.agent.awaitRequest { if case .perform = $0 { true } else { false } })
        client = nil
        for id in [capture.id, execution.id] {
            #expect(lab.agent.awaitRequest { if case .stop(id) = $0 { true } else { false } } != nil)
        }
        // What was done to the lab goes on.
        #expect(!lab.agent.requests.contains { if case .stop(action.id) = $0.operation { true } else { false } })
        // Late words for it go nowhere.
        lab.agent.send(.captured(id: capture.id, .init(interfaces: [], packets: [], dropped: 0)))
        lab.agent.answer(action, .done)
        _ = try lab.client().ask(.status)
        try lab.takeDown()
    }

    @Test func theKeepersOwnRequestsAreRefused() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        for operation: AgentRequest.Operation in [
            .shutDown, .tearDown, .watch, .cleanUp, .rehearse, .probeCapabilities, .build(.small()),
        ] {
            #expect(throws: AgentMessage.Failure.self) { try client.ask(operation) }
        }
        // And nothing happened.
        _ = try client.ask(.status)
        #expect(lab.agent.requests.map(\.operation.name) == ["build", "watch", "status"])
        try lab.takeDown()
    }

    @Test func nonsenseEndsOnlyItsClient() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        let line = Array("{\"agent\": 5}\n".utf8)
        #expect(send(client.fileDescriptor, line, line.count, 0) == line.count)
        #expect(throws: LabClient.Failure.self) { while true { _ = try client.receive() } }
        _ = try lab.client().ask(.status)
        try lab.takeDown()
    }

    /// More than any buffer between the two takes.
    @Test func muchInputWaitsForTheAgent() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        let id = try client.request(.execute(Execution(node: 0, arguments: ["cat"], environment: [], terminal: nil)))
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<30 { _ = try client.request(.input(execution: id, .bytes(Base64Bytes(piece)))) }
        _ = try client.ask(.input(execution: id, .end))
        let sizes = lab.agent.requests.compactMap { request in
            if case .input(_, .bytes(let bytes)) = request.operation { bytes.bytes.count } else { nil }
        }
        #expect(sizes == Array(repeating: piece.count, count: 30))
        try lab.takeDown()
    }

    // MARK: - Events, health, console, checks

    @Test func eventsAreNumberedAndFollowed() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        for time in 1...3 { lab.agent.send(.event(TimelineEvent(at: Int64(time), kind: "rekeyed", subject: "to-tokyo"))) }
        _ = try client.ask(.status)
        var heard: [NumberedEvent] = []
        client.eventsReceived = { heard += $0 }
        _ = try client.ask(.events(after: 1, following: false))
        #expect(heard.map(\.number) == [2, 3])
        #expect(heard.map(\.event.at) == [2, 3])
        heard = []
        _ = try client.request(.events(after: 3, following: true))
        _ = try client.ask(.status)
        #expect(heard.isEmpty)
        lab.agent.send(.event(TimelineEvent(at: 4, kind: "rekeyed", subject: "to-tokyo")))
        while heard.isEmpty { _ = try client.receive() }
        #expect(heard.map(\.number) == [4])
        try lab.takeDown()
    }

    @Test func healthIsKeptOverUps() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        var heard: [HealthEntry] = []
        client.healthReceived = { heard += $0 }
        _ = try client.request(.health(following: true))
        lab.agent.send(.event(TimelineEvent(at: 1, kind: "reset-requested", subject: "VNet1GW", detail: "gateway-0")))
        while heard.count < 4 { _ = try client.receive() }
        #expect(heard.map(\.resource) == ["VNet1GW", "VNet1GW", "to-tokyo", "to-osaka"])
        #expect(heard.map(\.availability) == [.available, .unavailable, .unavailable, .unavailable])
        _ = try client.ask(.down)
        try lab.ended()

        let again = try KeptLab(root: lab.root).standing()
        let second = try again.client()
        heard = []
        second.healthReceived = { heard += $0 }
        _ = try second.ask(.health(following: false))
        #expect(
            heard.map { "\($0.resource) \($0.availability.rawValue) \($0.reason)" } == [
                "VNet1GW Available the lab stands", "VNet1GW Unavailable reset requested (gateway-0)",
                "to-tokyo Unavailable reset requested (gateway-0)", "to-osaka Unavailable reset requested (gateway-0)",
                "VNet1GW Unknown the lab was taken down", "VNet1GW Available the lab stands", "to-tokyo Available the lab stands",
                "to-osaka Available the lab stands",
            ])
        #expect(heard.filter { $0.until == nil }.count == 3)
        try again.takeDown()
    }

    @Test func whatNeverCameUpIsUnavailableFromTheStart() throws {
        let lab = try KeptLab { request, agent in
            if case .build = request.operation {
                agent.send(.event(.init(at: 1, kind: "key-exchange-failed", subject: "to-osaka", detail: "NO_PROPOSAL_CHOSEN")))
                agent.send(.event(.init(at: 2, kind: "gateway-security-installed", subject: "to-tokyo")))
            }
            FakeAgent.usual(request, agent)
        }.standing()
        let client = try lab.client()
        var heard: [HealthEntry] = []
        client.healthReceived = { heard += $0 }
        _ = try client.ask(.health(following: false))
        #expect(
            heard.map { "\($0.resource) \($0.availability.rawValue)" } == ["VNet1GW Available", "to-osaka Unavailable"])
        try lab.takeDown()
    }

    @Test func consoleAndChecks() throws {
        let lab = try KeptLab().standing()
        let client = try lab.client()
        guard case .text("fake console (removed) (removed)") = try client.ask(.console) else {
            Issue.record("not the console")
            return
        }
        try "a log with 612073656372657420 and 0123456789abcdef0123456789ABCDEF and 0x12345678\n".write(
            toFile: lab.folder.log, atomically: false, encoding: .utf8)
        guard case .text("a log with 612073656372657420 and (removed) and 0x12345678\n") = try client.ask(.log) else {
            Issue.record("not the log")
            return
        }
        guard case .checked(let checks) = try client.ask(.check(connection: 1)) else {
            Issue.record("not the checks")
            return
        }
        // The keeper compares the keys themselves: the client's plan has none.
        #expect(checks.map(\.connection) == ["to-osaka"])
        #expect(checks[0].items.first { $0.name == "pre-shared key" }?.verdict == .differs)
        #expect(throws: AgentMessage.Failure.self) { try client.ask(.check(connection: 2)) }
        try lab.takeDown()
    }
}

extension AgentRequest.Operation {
    /// The case's name.
    var name: String { String("\(self)".prefix { $0.isLetter }) }
}
