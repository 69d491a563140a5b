import AgentProtocol
import CSocket
import EventLoop
import Glibc
import LinuxKernel
import Measurement

/// An agent that runs somewhere: on the host, or in a guest.
public protocol RunningAgent: AnyObject {
    /// The protocol's stream, a socket or the reading end of a pipe. The agent keeps it.
    var stream: Int32 { get }
    /// Becomes readable when the agent's process, or its machine, has ended.
    var exitDescriptor: Int32 { get }
    /// Whether requests are written to the stream; a guest finds them in its job.
    var takesRequestsFromStream: Bool { get }
    /// Anything else to be watched while it runs, a guest's console for example.
    func attach(to loop: EventLoop) throws
    /// Ends it at once, leaving nothing. Safe to call twice.
    func stop()
    /// What to tell when it has ended too early: its last words.
    func diagnosis() -> String
}

/// The controller's side of one agent: hands over the requests, collects the answers, and sees to it that the agent ends.
public final class AgentSession {
    public enum Failure: Error, CustomStringConvertible {
        /// No sign of life by the deadline.
        case neverReady(after: Duration, diagnosis: String)
        /// Not a word for this long, after it had begun.
        case silent(for: Duration, diagnosis: String)
        /// The agent ended before it had answered everything.
        case ended(diagnosis: String)
        /// It speaks another version of the protocol, or none.
        case notUnderstood(String)
        /// The user ended it: SIGINT or SIGTERM.
        case interrupted(signal: Int32)
        /// The answer to a request was a failure.
        case refused(AgentMessage.Failure)

        public var description: String {
            switch self {
            case .neverReady(let after, let diagnosis):
                "the agent gave no sign of life within \(after.components.seconds) s\(Self.tail(diagnosis))"
            case .silent(let silence, let diagnosis):
                "the agent has said nothing for \(silence.components.seconds) s\(Self.tail(diagnosis))"
            case .ended(let diagnosis): "the agent ended before it was done\(Self.tail(diagnosis))"
            case .notUnderstood(let what): "the agent's message is not understood: \(what)"
            case .interrupted(let signal): "ended by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"
            case .refused(let failure): failure.message
            }
        }

        private static func tail(_ diagnosis: String) -> String { diagnosis.isEmpty ? "" : "; its last words:\n\(diagnosis)" }
    }

    /// What happens meanwhile.
    public struct Listener {
        public var hello: (AgentMessage.Hello) -> Void
        public var progress: (Progress) -> Void
        public var event: (TimelineEvent) -> Void

        public init(
            hello: @escaping (AgentMessage.Hello) -> Void = { _ in }, progress: @escaping (Progress) -> Void = { _ in },
            event: @escaping (TimelineEvent) -> Void = { _ in }
        ) {
            self.hello = hello
            self.progress = progress
            self.event = event
        }
    }

    private let agent: any RunningAgent
    private let loop: EventLoop
    private let listener: Listener
    private var lines = LineBuffer()
    private var expected: Set<Int> = []
    private var answers: [Int: AgentMessage.Answer] = [:]
    private var failure: Failure?
    private var hasGreeted = false
    private var lastHeard: Int64 = 0
    private var silenceTimer: EventLoop.Timer?

    /// A working agent tells its progress every second of its own time. A second of virtual time of a large lab can take minutes.
    private static let longestSilence = Duration.seconds(600)

    public init(agent: any RunningAgent, loop: EventLoop, listener: Listener = Listener()) {
        self.agent = agent
        self.loop = loop
        self.listener = listener
    }

    /// Serves until every request is answered. However it ends, the agent has ended when this returns.
    ///
    /// - Parameter startDeadline: how long the agent may take until its first message.
    /// - Returns: the answers by their requests' numbers; none of them is a failure.
    /// - Throws: `Failure`.
    public func run(_ requests: [AgentRequest], startDeadline: Duration) throws -> [Int: AgentMessage.Answer] {
        defer { agent.stop() }
        expected = Set(requests.map(\.id))
        // Until the agent has ended, these two signals wait here instead of ending this process without taking the lab down.
        let signals = try SignalWatch([SIGINT, SIGTERM])
        defer { signals.restore() }
        let watches = [
            try loop.watch(signals.fileDescriptor) { [unowned self] _ in
                if let signal = signals.next() { fail(.interrupted(signal: signal)) }
            },
            try loop.watch(agent.stream, for: [.readable, .hungUp]) { [unowned self] _ in receive() },
            try loop.watch(agent.exitDescriptor) { [unowned self] _ in agentEnded() },
        ]
        defer { for watch in watches { loop.cancel(watch) } }
        try agent.attach(to: loop)
        let deadline = loop.timer(after: startDeadline) { [unowned self] in
            if !hasGreeted { fail(.neverReady(after: startDeadline, diagnosis: agent.diagnosis())) }
        }
        defer { loop.cancel(deadline) }
        watchForSilence()
        defer { silenceTimer.map(loop.cancel) }
        if agent.takesRequestsFromStream { try send(requests) }
        try loop.run()
        if let failure { throw failure }
        return answers
    }

    private func watchForSilence() {
        silenceTimer = loop.timer(after: Self.longestSilence) { [unowned self] in
            let silence = loop.now - lastHeard
            if hasGreeted, silence >= Self.longestSilence.nanoseconds {
                fail(.silent(for: Self.longestSilence, diagnosis: agent.diagnosis()))
            } else {
                watchForSilence()
            }
        }
    }

    private func send(_ requests: [AgentRequest]) throws {
        for request in requests {
            let line = try JSONLines.encode(request)
            var written = 0
            while written < line.count {
                let count = line[written...].withUnsafeBytes { Glibc.send(agent.stream, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if count >= 0 {
                    written += count
                    continue
                }
                switch Errno.last {
                case .interrupted: continue
                case .wouldBlock:
                    var room = pollfd(fd: agent.stream, events: Int16(POLLOUT), revents: 0)
                    poll(&room, 1, -1)
                // The agent is gone already: its exit says why.
                default: return
                }
            }
        }
    }

    private func receive() {
        if readOnce() == .atEnd { agentEnded() }
    }

    private enum Reading {
        case something
        case nothingYet
        case atEnd
    }

    /// Reads and handles what the stream has, up to 64 KiB.
    private func readOnce() -> Reading {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = read(agent.stream, &piece, piece.count)
        if count < 0, Errno.last == .wouldBlock || Errno.last == .interrupted { return .nothingYet }
        guard count > 0 else { return .atEnd }
        do {
            try lines.append(piece[..<count])
            while failure == nil, let line = lines.next() { handle(try JSONLines.decode(AgentMessage.self, from: line)) }
        } catch {
            fail(.notUnderstood("\(error)"))
        }
        return .something
    }

    private func handle(_ message: AgentMessage) {
        lastHeard = loop.now
        switch message {
        case .hello(let hello):
            guard hello.protocolVersion == agentProtocolVersion else {
                return fail(.notUnderstood("protocol version \(hello.protocolVersion), \(agentProtocolVersion) is needed"))
            }
            hasGreeted = true
            listener.hello(hello)
        case .progress(let progress): listener.progress(progress)
        case .event(let event): listener.event(event)
        case .output, .captured: break
        case .answer(_, .failed(let failure)): fail(.refused(failure))
        case .answer(let id, let answer):
            answers[id] = answer
            if expected.isSubset(of: answers.keys) { loop.stop() }
        }
    }

    /// The stream or the process is at its end. What it said before is still to be read, since both are told in any order.
    private func agentEnded() {
        while failure == nil, readOnce() == .something {}
        if failure == nil, !expected.isSubset(of: answers.keys) { fail(.ended(diagnosis: agent.diagnosis())) }
        loop.stop()
    }

    private func fail(_ failure: Failure) {
        if self.failure == nil { self.failure = failure }
        loop.stop()
    }
}
