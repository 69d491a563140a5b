import AgentProtocol
import EventLoop
import Glibc
import LabPlan
import LinuxKernel
import Measurement

/// Serves the controller's requests.
///
/// Requests are handled in the order they come. While a lab is built or a rehearsal runs, the next ones wait; what is done to a lab that people
/// work in is answered when its effect is over, and other requests are served meanwhile.
public final class AgentServer {
    private let loop: EventLoop
    private let stream: AgentStream
    private let environment: LabEnvironment
    private var waiting: [AgentRequest] = []
    private var isBusy = false
    private var isEnding = false
    private var laboratory: Laboratory?
    private var calibration: CalibrationRun?

    public init(loop: EventLoop, stream: AgentStream, environment: LabEnvironment) {
        self.loop = loop
        self.stream = stream
        self.environment = environment
    }

    /// Serves until asked to shut down, or until the stream ends; then nothing of a lab is left.
    ///
    /// - Parameter preloaded: requests known from the start; served first.
    /// - Throws: when the loop itself fails.
    public func run(preloaded: [AgentRequest]) throws {
        send(.hello(.init(protocolVersion: agentProtocolVersion, kernel: Self.kernelRelease, uptime: SystemClock.boottime.nanoseconds)))
        waiting = preloaded
        try stream.receive { [unowned self] request in
            waiting.append(request)
            serveNext()
        } ended: { [unowned self] error in
            // The controller is gone or talks nonsense: nobody is left to answer to.
            if let error { standardError("the controller's request cannot be read: \(error)") }
            end()
        }
        // From the loop, so that a request that fails at once is handled like any other.
        loop.timer(at: loop.now) { [unowned self] in serveNext() }
        try loop.run()
        tearDown()
    }

    /// Ends after the current handler: from a signal, for example.
    public func end() {
        isEnding = true
        loop.stop()
    }

    private func serveNext() {
        guard !isBusy, !isEnding, !waiting.isEmpty else { return }
        let request = waiting.removeFirst()
        isBusy = true
        serve(request)
    }

    private func standing() throws -> Laboratory {
        guard let laboratory else { throw AgentMessage.Failure(kind: .badRequest, message: "there is no lab") }
        return laboratory
    }

    private func answer(_ request: AgentRequest, _ answer: AgentMessage.Answer) {
        send(.answer(id: request.id, answer))
        finished()
    }

    /// The next request has its turn.
    private func finished() {
        isBusy = false
        // Not from here: the answer may come from deep inside what is being answered.
        loop.timer(at: loop.now) { [unowned self] in serveNext() }
    }

    private func serve(_ request: AgentRequest) {
        do {
            switch request.operation {
            case .probeCapabilities:
                answer(request, .capabilities(CapabilityProbe.run()))
            case .build(let plan):
                try build(plan, for: request)
            case .rehearse:
                try standing().rehearse { [unowned self] result in
                    switch result {
                    case .success(let result): answer(request, .rehearsed(result))
                    case .failure(let error): answer(request, .failed(failure(error)))
                    }
                }
            case .calibrate(let plan):
                try calibrate(plan, for: request)
            case .watch:
                try standing().beginWatch()
                answer(request, .done)
            case .perform(let action):
                try standing().perform(action) { [unowned self] outcome in send(.answer(id: request.id, .performed(outcome))) }
                finished()
            case .configure(let connection, let configuration):
                try standing().configure(connection, as: configuration)
                answer(request, .done)
            case .extend(let plan):
                try standing().extend(to: plan)
                answer(request, .done)
            case .status:
                answer(request, .status(try standing().status()))
            case .associations(let withKeys):
                answer(request, .associations(try standing().associations(withKeys: withKeys)))
            case .counters:
                answer(request, .counters(try standing().counters()))
            case .processorUse:
                answer(request, .processorUse(try ProcessorUse.read()))
            case .execute, .input, .capture, .stop:
                _ = try standing().services(send: { [unowned self] in send($0) }).serve(request: request.id, request.operation)
                finished()
            case .tearDown:
                tearDown()
                answer(request, .done)
            case .cleanUp:
                answer(request, .cleanedUp(try Journal.cleanUp()))
            case .shutDown:
                tearDown()
                answer(request, .done)
                end()
            }
        } catch {
            answer(request, .failed(failure(error)))
        }
    }

    private func build(_ plan: LabPlan, for request: AgentRequest) throws {
        guard laboratory == nil else { throw AgentMessage.Failure(kind: .failed, message: "there is a lab already") }
        // Before the work, where it is known already what the lab is for.
        if waiting.contains(where: { if case .rehearse = $0.operation { true } else { false } }) { try AvailableMemory.check(plan) }
        let laboratory = try Laboratory(
            plan: plan, loop: loop, environment: environment, report: { [unowned self] in send(.progress($0)) })
        // In virtual time nobody can do anything about an event before the result has all of them, and each message takes time from the lab's packets.
        if !environment.isRepeatable { laboratory.timeline.listener = { [unowned self] in send(.event($0)) } }
        self.laboratory = laboratory
        try laboratory.bringUp { [unowned self] result in
            switch result {
            case .success: answer(request, .done)
            case .failure(let error): answer(request, .failed(failure(error)))
            }
        }
    }

    private func calibrate(_ plan: CalibrationPlan, for request: AgentRequest) throws {
        guard laboratory == nil else { throw AgentMessage.Failure(kind: .badRequest, message: "there is a lab") }
        let run = try CalibrationRun(
            plan, loop: loop, environment: environment, report: { [unowned self] in send(.progress($0)) },
            completion: { [unowned self] result in
                calibration = nil
                switch result {
                case .success(let result): answer(request, .calibrated(result))
                case .failure(let error): answer(request, .failed(failure(error)))
                }
            })
        calibration = run
        run.begin()
    }

    private func tearDown() {
        for error in calibration?.end() ?? [] { standardError("taking the calibration's link down: \(error)") }
        calibration = nil
        for error in laboratory?.tearDown() ?? [] { standardError("taking the lab down: \(error)") }
        laboratory = nil
    }

    private func send(_ message: AgentMessage) {
        do {
            try stream.send(message)
        } catch {
            // Nobody reads: the controller is gone.
            end()
        }
    }

    private func failure(_ error: any Error) -> AgentMessage.Failure {
        if let failure = error as? AgentMessage.Failure { return failure }
        return AgentMessage.Failure(kind: .failed, message: "\(error)")
    }

    static var kernelRelease: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return withUnsafePointer(to: &name.release) {
            $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
        }
    }
}

/// For whoever looks at the agent's own standard error or, in a guest, at its console.
public func standardError(_ text: String) {
    let line = Array("resetlab-agent: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
