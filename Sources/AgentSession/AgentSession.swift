import AgentProtocol
import EventLoop
import Glibc
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
    /// What it has written for people, such as a guest's console; empty where that goes elsewhere.
    var consoleText: String { get }
}

/// The controller's side of one agent: hands over the requests, collects the answers, and sees to it that the agent ends.
public final class AgentSession {
    public typealias Failure = AgentFailure

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
    private var link: AgentLink?
    private var expected: Set<Int> = []
    private var answers: [Int: AgentMessage.Answer] = [:]
    private var failure: Failure?

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
        let link = AgentLink(
            agent: agent, loop: loop, received: { [unowned self] in handle($0) }, failed: { [unowned self] in fail($0) })
        self.link = link
        defer {
            link.close()
            self.link = nil
        }
        expected = Set(requests.map(\.id))
        // Until the agent has ended, these two signals wait here instead of ending this process without taking the lab down.
        let signals = try SignalWatch([SIGINT, SIGTERM])
        defer { signals.restore() }
        let watch = try loop.watch(signals.fileDescriptor) { [unowned self] _ in
            if let signal = signals.next() { fail(.interrupted(signal: signal)) }
        }
        defer { loop.cancel(watch) }
        try link.open(startDeadline: startDeadline)
        for request in requests { try link.send(request) }
        try loop.run()
        if let failure { throw failure }
        return answers
    }

    private func handle(_ message: AgentMessage) {
        switch message {
        case .hello(let hello): listener.hello(hello)
        case .progress(let progress): listener.progress(progress)
        case .event(let event): listener.event(event)
        case .output, .captured: break
        case .answer(_, .failed(let failure)): fail(.refused(failure))
        case .answer(let id, let answer):
            answers[id] = answer
            if expected.isSubset(of: answers.keys) { end() }
        }
    }

    private func fail(_ failure: Failure) {
        if self.failure == nil { self.failure = failure }
        end()
    }

    private func end() {
        // From here on the agent's end is no failure.
        link?.close()
        loop.stop()
    }
}
