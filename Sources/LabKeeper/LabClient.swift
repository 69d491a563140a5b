import AgentProtocol
import Glibc
import LabPlan
import LinuxKernel
import Measurement

/// A command's side of a standing lab: asks its keeper.
///
/// It has no thread and no loop: whoever has other things to watch watches `fileDescriptor` and calls `receive`; whoever has none calls `ask`.
public final class LabClient {
    public enum Failure: Error, CustomStringConvertible {
        /// The lab's name fits none, or none is given where several stand.
        case noSuchLab(String)
        /// The keeper speaks another version of the protocol: it was started by another version of this program.
        case otherVersion(String)
        /// The lab has gone while it was asked.
        case ended(String)
        /// The keeper does not answer, or not to the point.
        case notUnderstood(String)

        public var description: String {
            switch self {
            case .noSuchLab(let text), .otherVersion(let text), .notUnderstood(let text): text
            case .ended(let reason): "the lab has gone: \(reason)"
            }
        }
    }

    public let description: LabDescription
    /// Readable when there is something for `receive`.
    public var fileDescriptor: Int32 { socket.rawValue }
    /// Called with what the lab tells of itself, once `follow` has asked for it.
    public var eventsReceived: ([NumberedEvent]) -> Void = { _ in }
    public var healthReceived: ([HealthEntry]) -> Void = { _ in }

    private let socket: FileDescriptor
    private var lines: LineBuffer
    private var nextRequest = 1
    private var answers: [Int: KeeperMessage.Answer] = [:]
    private var endReason: String?

    /// How long a keeper may take to greet: it answers between two events, which take it no time.
    private static let greetingDeadline = Duration.seconds(20)

    /// Connects to a lab that stands.
    ///
    /// - Parameter lab: its name; nil for the only one.
    /// - Throws: `Failure`, or `LabFolderError`.
    public convenience init(lab name: String?) throws {
        try self.init(folder: Self.find(name, in: LabsFolder()))
    }

    public init(folder: LabFolder) throws {
        do {
            socket = try ControlSocket.connect(to: folder)
        } catch let error as SystemCallError {
            if error.errno == .noSuchEntry {
                throw Failure.noSuchLab("the lab \(folder.lab) does not stand yet; resetlab list shows when it does")
            }
            throw Failure.ended("its keeper is not reached: \(error)")
        }
        var lines = LineBuffer()
        description = try Self.greet(socket.rawValue, &lines)
        self.lines = lines
    }

    private static func find(_ name: String?, in labs: LabsFolder) throws -> LabFolder {
        let standing = try labs.standing()
        let names = standing.map(\.lab).joined(separator: ", ")
        if let name {
            if let folder = standing.first(where: { $0.lab == name }) { return folder }
            throw Failure.noSuchLab(
                "no lab named \(name) stands; "
                    + (standing.isEmpty ? "none does: resetlab up TOPOLOGY makes one" : "those that stand: \(names)"))
        }
        guard let folder = standing.first else { throw Failure.noSuchLab("no lab stands; resetlab up TOPOLOGY makes one") }
        guard standing.count == 1 else { throw Failure.noSuchLab("several labs stand: \(names); --lab says which is meant") }
        return folder
    }

    private static func greet(_ socket: Int32, _ lines: inout LineBuffer) throws -> LabDescription {
        let deadline = ContinuousClock.now + greetingDeadline
        var hasGreeted = false
        while true {
            while let line = lines.next() {
                if hasGreeted {
                    guard case .description(let description) = try? JSONLines.decode(KeeperMessage.self, from: line) else {
                        throw Failure.notUnderstood("the lab's keeper did not describe its lab")
                    }
                    return description
                }
                guard
                    case .hello(keeperProtocolVersion, agentProtocolVersion)? = try? JSONLines.decode(KeeperMessage.self, from: line)
                else {
                    throw Failure.otherVersion(
                        "the lab was started by another version of resetlab; use that one, or resetlab down and up again")
                }
                hasGreeted = true
            }
            var input = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let ready = poll(&input, 1, 100)
            if ready > 0 { try readOnce(socket, into: &lines) }
            guard ContinuousClock.now < deadline else { throw Failure.notUnderstood("the lab's keeper does not answer") }
        }
    }

    private static func readOnce(_ socket: Int32, into lines: inout LineBuffer) throws {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = read(socket, &piece, piece.count)
        if count < 0, Errno.last == .interrupted || Errno.last == .wouldBlock { return }
        guard count > 0 else { throw Failure.ended("its keeper has ended") }
        try lines.append(piece[..<count])
    }

    // MARK: - Asking

    /// Asks the lab's agent.
    ///
    /// - Returns: the request's number, which the answer carries, and output and packets meanwhile.
    public func request(_ operation: AgentRequest.Operation) throws -> Int {
        let id = takeNumber()
        try send(.agent(AgentRequest(id: id, operation: operation)))
        return id
    }

    /// Asks the lab's keeper.
    public func request(_ operation: KeeperRequest.Operation) throws -> Int {
        let id = takeNumber()
        try send(.keeper(id: id, operation))
        return id
    }

    /// Waits for what the agent says, and hands over all there is of it; nothing when the keeper alone has spoken.
    ///
    /// - Throws: `Failure.ended` when the lab has gone.
    public func receive() throws -> [AgentMessage] {
        do {
            try Self.readOnce(fileDescriptor, into: &lines)
        } catch Failure.ended(let reason) {
            throw Failure.ended(endReason ?? reason)
        }
        var messages: [AgentMessage] = []
        while let line = lines.next() {
            let message: KeeperMessage
            do {
                message = try JSONLines.decode(KeeperMessage.self, from: line)
            } catch {
                throw Failure.notUnderstood("the lab keeper's message is not understood: \(error)")
            }
            switch message {
            case .hello, .description: break
            case .agent(let message): messages.append(message)
            case .events(_, let events): eventsReceived(events)
            case .health(_, let entries): healthReceived(entries)
            case .answer(let id, let answer): answers[id] = answer
            // What came before it is handed over first; the stream's end follows.
            case .ended(let reason): endReason = reason
            }
        }
        return messages
    }

    /// The keeper's own answers that `receive` has come upon, by request; each is told once.
    public func takeAnswers() -> [Int: KeeperMessage.Answer] {
        defer { answers = [:] }
        return answers
    }

    /// Asks the lab's agent and waits for its answer.
    ///
    /// - Parameter progress: told what else it says meanwhile.
    /// - Throws: `AgentMessage.Failure` for a refusal.
    public func ask(_ operation: AgentRequest.Operation, progress: (AgentMessage) -> Void = { _ in }) throws -> AgentMessage.Answer {
        let id = try request(operation)
        while true {
            var result: AgentMessage.Answer?
            for message in try receive() {
                if case .answer(id, let answer) = message { result = answer } else { progress(message) }
            }
            if case .failed(let failure)? = result { throw failure }
            if let result { return result }
        }
    }

    /// Asks the lab's keeper and waits for its answer.
    ///
    /// - Throws: `AgentMessage.Failure` for a refusal.
    public func ask(_ operation: KeeperRequest.Operation) throws -> KeeperMessage.Answer {
        let id = try request(operation)
        while true {
            if let answer = answers.removeValue(forKey: id) {
                if case .failed(let failure) = answer { throw failure }
                return answer
            }
            _ = try receive()
        }
    }

    /// Waits until the lab is gone.
    public func awaitEnd() {
        while (try? receive()) != nil {}
    }

    private func takeNumber() -> Int {
        defer { nextRequest += 1 }
        return nextRequest
    }

    private func send(_ request: KeeperRequest) throws {
        let line = try JSONLines.encode(request)
        var sent = 0
        while sent < line.count {
            let count = line[sent...].withUnsafeBytes { Glibc.send(fileDescriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count >= 0 {
                sent += count
            } else if Errno.last != .interrupted {
                // It may have left a last word.
                while true { _ = try receive() }
            }
        }
    }
}
