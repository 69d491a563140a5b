import AgentProtocol
import EventLoop
import LinuxKernel

/// What people do in the nodes of a lab that stands: programs and captures.
///
///     if try services.serve(request: request.id, request.operation) { return }
///
/// It answers by itself, and lets requests be served meanwhile: an execution and a capture are answered at their end.
package final class NodeServices {
    private let loop: EventLoop
    private let thread: NamespaceThread
    private let namespace: (Int) -> NetworkNamespace?
    private let send: (AgentMessage) -> Void
    private let host: ExecutionHost
    private var programs: [Int: RunningExecution] = [:]
    private var captures: [Int: PacketCapture] = [:]
    /// What had ended when input for it came: no error, since neither side knows what the other is about to say.
    private var ended: Set<Int> = []

    /// - Parameter namespace: a node's, by its index in the plan; nil for none.
    package init(
        loop: EventLoop, thread: NamespaceThread, namespace: @escaping (Int) -> NetworkNamespace?, send: @escaping (AgentMessage) -> Void
    ) {
        self.loop = loop
        self.thread = thread
        self.namespace = namespace
        self.send = send
        host = ExecutionHost(loop: loop)
    }

    /// Serves an execution, a capture, and what belongs to either.
    ///
    /// - Returns: false for any other operation, which is left alone.
    /// - Throws: what the request is to be answered with, and is not yet: `AgentMessage.Failure`, or `SystemCallError`.
    package func serve(request id: Int, _ operation: AgentRequest.Operation) throws -> Bool {
        switch operation {
        case .execute(let execution): try execute(execution, id)
        case .capture(let request): try capture(request, id)
        case .input(let target, let input): try hand(input, to: target, id)
        case .stop(let target): try stop(target, id)
        default: return false
        }
        return true
    }

    /// Ends all of them; each is answered from the loop, if it runs on.
    package func endAll() {
        for id in captures.keys { endCapture(id) }
        host.endAll()
    }

    private func execute(_ execution: Execution, _ id: Int) throws {
        let namespace = try existing(execution.node)
        try checkUnused(id)
        programs[id] = try host.start(execution, in: namespace) { [weak self] output in
            self?.send(.output(id: id, output))
        } ended: { [weak self] end in
            self?.programs[id] = nil
            self?.ended.insert(id)
            self?.send(.answer(id: id, .ended(end)))
        }
    }

    private func capture(_ request: CaptureRequest, _ id: Int) throws {
        let namespace = try existing(request.node)
        try checkUnused(id)
        guard (1...CaptureRequest.largestSnapLength).contains(request.snapLength) else {
            throw AgentMessage.Failure(
                kind: .badRequest,
                message: "found snap length \(request.snapLength); allowed: 1 to \(CaptureRequest.largestSnapLength) bytes")
        }
        captures[id] = try PacketCapture(request, in: namespace, on: thread, loop: loop) { [weak self] packets in
            self?.send(.captured(id: id, packets))
        }
    }

    private func hand(_ input: ExecutionInput, to target: Int, _ id: Int) throws {
        let send = send
        if let program = programs[target] {
            return try program.input(input) { send(.answer(id: id, .done)) }
        }
        if let capture = captures[target] {
            guard case .taken(let count) = input else {
                throw AgentMessage.Failure(kind: .badRequest, message: "request \(target) is a capture, which takes no input")
            }
            capture.taken(count)
        } else if !ended.contains(target) {
            throw Self.unknown(target)
        }
        send(.answer(id: id, .done))
    }

    private func stop(_ target: Int, _ id: Int) throws {
        if let program = programs[target] {
            program.stop()
        } else if captures[target] != nil {
            endCapture(target)
        } else if !ended.contains(target) {
            throw Self.unknown(target)
        }
        send(.answer(id: id, .done))
    }

    private func endCapture(_ id: Int) {
        guard let capture = captures.removeValue(forKey: id) else { return }
        capture.stop()
        ended.insert(id)
        send(.answer(id: id, .done))
    }

    private func existing(_ node: Int) throws -> NetworkNamespace {
        guard let namespace = namespace(node) else {
            throw AgentMessage.Failure(kind: .badRequest, message: "there is no node with number \(node)")
        }
        return namespace
    }

    private func checkUnused(_ id: Int) throws {
        guard programs[id] == nil, captures[id] == nil else {
            throw AgentMessage.Failure(kind: .badRequest, message: "there is a request with number \(id) already")
        }
    }

    private static func unknown(_ id: Int) -> AgentMessage.Failure {
        AgentMessage.Failure(kind: .badRequest, message: "request \(id) runs no program and is no capture")
    }
}
