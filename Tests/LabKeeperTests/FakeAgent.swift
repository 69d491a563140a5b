import AgentProtocol
import AgentSession
import EventLoop
import Foundation
import Glibc
import LinuxKernel
import Synchronization
import Testing

/// An agent without a lab: greets, and answers what its script says.
final class FakeAgent: RunningAgent, @unchecked Sendable {
    /// What a script does with a request.
    typealias Script = @Sendable (AgentRequest, FakeAgent) -> Void

    let stream: Int32
    let exitDescriptor: Int32
    let takesRequestsFromStream = true
    private let ownEnd: Int32
    private let exitWriter: Int32
    private let heard = Mutex<[AgentRequest]>([])
    private let isStopped = Mutex(false)

    init(version: Int = agentProtocolVersion, script: @escaping Script) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        (stream, ownEnd) = (ends[0], ends[1])
        try #require(pipe(&ends) == 0)
        (exitDescriptor, exitWriter) = (ends[0], ends[1])
        Thread.detachNewThread { [self] in
            send(.hello(.init(protocolVersion: version, kernel: "9.9-fake", uptime: 1)))
            serve(script)
        }
    }

    /// Answers whatever takes no thought.
    static func usual(_ request: AgentRequest, _ agent: FakeAgent) {
        switch request.operation {
        case .status: agent.answer(request, .status(.fake))
        case .associations: agent.answer(request, .associations([]))
        case .execute, .capture, .perform: break
        default: agent.answer(request, .done)
        }
    }

    private func serve(_ script: Script) {
        var lines = LineBuffer()
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(ownEnd, &piece, piece.count)
            guard count > 0 else { return }
            try? lines.append(piece[..<count])
            while let line = lines.next() {
                guard let request = try? JSONLines.decode(AgentRequest.self, from: line) else { return }
                heard.withLock { $0.append(request) }
                script(request, self)
            }
        }
    }

    func send(_ message: AgentMessage) {
        guard let line = try? JSONLines.encode(message) else { return }
        _ = Glibc.send(ownEnd, line, line.count, Int32(MSG_NOSIGNAL))
    }

    func answer(_ request: AgentRequest, _ answer: AgentMessage.Answer) { send(.answer(id: request.id, answer)) }

    /// Its process ends, as if it had been killed.
    func die() {
        shutdown(ownEnd, Int32(SHUT_RDWR))
        close(exitWriter)
    }

    var requests: [AgentRequest] { heard.withLock { $0 } }
    var wasStopped: Bool { isStopped.withLock { $0 } }

    /// Waits until it was asked something that fits.
    func awaitRequest(_ fits: (AgentRequest.Operation) -> Bool) -> AgentRequest? {
        for _ in 0..<1000 {
            if let request = requests.first(where: { fits($0.operation) }) { return request }
            usleep(10_000)
        }
        return nil
    }

    func attach(to loop: EventLoop) {}
    func stop() {
        isStopped.withLock { $0 = true }
        shutdown(ownEnd, Int32(SHUT_RDWR))
    }
    func diagnosis() -> String { "the fake agent's last words" }
    /// With a key of the small plan, plain and in hexadecimal digits.
    let consoleText = "fake console a secret of tokyo 6120736563726574206f6620746f6b796f"
}

extension LabStatus {
    static let fake = LabStatus(at: 5, instances: [], connections: [], lossWindow: 1, changedLinks: [], underWay: ["nothing"])
}
