import AgentProtocol
import EventLoop
import Glibc
import LinuxKernel

/// The controller's stream to one agent, open for requests at any time: sees to it that the agent greets in the right version and in time, that it
/// does not fall silent, and that its end is told with its last words.
public final class AgentLink {
    private let agent: any RunningAgent
    private let loop: EventLoop
    private let received: (AgentMessage) -> Void
    private let failed: (AgentFailure) -> Void
    private let stream: LineStream
    private var watches: [EventLoop.Watch] = []
    private var timers: [EventLoop.Timer] = []
    private var unanswered: Set<Int> = []
    private var hasGreeted = false
    private var isOver = false
    private var lastHeard: Int64 = 0

    /// A working agent tells its progress every second of its own time. A second of virtual time of a large lab can take minutes.
    private static let longestSilence = Duration.seconds(600)

    /// - Parameters:
    ///   - received: called with each message in the order they come.
    ///   - failed: called at most once, after the last message; nothing comes after it.
    public init(
        agent: any RunningAgent, loop: EventLoop, received: @escaping (AgentMessage) -> Void, failed: @escaping (AgentFailure) -> Void
    ) {
        self.agent = agent
        self.loop = loop
        self.received = received
        self.failed = failed
        stream = LineStream(descriptor: agent.stream, loop: loop)
    }

    /// How many bytes of requests wait until the agent reads them.
    public var pending: Int { stream.pending }

    /// Called whenever no request waits any more.
    public var drained: () -> Void {
        get { stream.drained }
        set { stream.drained = newValue }
    }

    /// - Parameter startDeadline: how long the agent may take until its first message.
    public func open(startDeadline: Duration) throws {
        stream.received = { [unowned self] in handle(try JSONLines.decode(AgentMessage.self, from: $0)) }
        stream.ended = { [unowned self] error in
            if let error { fail(.notUnderstood("\(error)")) } else { agentEnded() }
        }
        try stream.begin()
        watches.append(try loop.watch(agent.exitDescriptor) { [unowned self] _ in agentEnded() })
        try agent.attach(to: loop)
        timers.append(
            loop.timer(after: startDeadline) { [unowned self] in
                if !hasGreeted { fail(.neverReady(after: startDeadline, diagnosis: agent.diagnosis())) }
            })
        watchForSilence()
    }

    /// Asks the agent; in virtual time it has the request in its job already, and is only waited for.
    public func send(_ request: AgentRequest) throws {
        unanswered.insert(request.id)
        if agent.takesRequestsFromStream { stream.send(try JSONLines.encode(request)) }
    }

    /// Ends the agent and everything here: no callback comes after this. Safe to call twice.
    public func close() {
        end()
        agent.stop()
    }

    private func end() {
        isOver = true
        stream.cancel()
        for watch in watches { loop.cancel(watch) }
        for timer in timers { loop.cancel(timer) }
        watches = []
        timers = []
    }

    private func watchForSilence() {
        guard !isOver else { return }
        timers = Array(timers.prefix(1))
        timers.append(
            loop.timer(after: Self.longestSilence) { [unowned self] in
                if hasGreeted, !unanswered.isEmpty, loop.now - lastHeard >= Self.longestSilence.nanoseconds {
                    fail(.silent(for: Self.longestSilence, diagnosis: agent.diagnosis()))
                } else {
                    watchForSilence()
                }
            })
    }

    private func handle(_ message: AgentMessage) {
        guard !isOver else { return }
        lastHeard = loop.now
        switch message {
        case .hello(let hello):
            guard hello.protocolVersion == agentProtocolVersion else {
                return fail(.notUnderstood("protocol version \(hello.protocolVersion), \(agentProtocolVersion) is needed"))
            }
            hasGreeted = true
        case .answer(let id, _): unanswered.remove(id)
        default: break
        }
        received(message)
    }

    /// The stream or the process is at its end. What it said before is still to be read, since both are told in any order.
    private func agentEnded() {
        stream.drain()
        // What was read may have been the last that was waited for.
        if !isOver { fail(.ended(diagnosis: agent.diagnosis())) }
    }

    private func fail(_ failure: AgentFailure) {
        guard !isOver else { return }
        end()
        failed(failure)
    }
}
