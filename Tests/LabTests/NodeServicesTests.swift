import AgentProtocol
import EventLoop
import LinuxKernel
import Testing

@testable import Lab

/// Requests in, messages out.
@Suite(
    .serialized, .enabled(if: ScratchNamespace.requirement.letTestsRun, "\(ScratchNamespace.requirement.reason)"), .timeLimit(.minutes(2)))
struct NodeServicesTests {
    private let loop: EventLoop
    private let scratch: ScratchNamespace
    private let services: NodeServices
    private let messages: Messages

    private final class Messages {
        var all: [AgentMessage] = []
        var answers: [(id: Int, answer: AgentMessage.Answer)] {
            all.compactMap { if case .answer(let id, let answer) = $0 { (id, answer) } else { nil } }
        }
        var output: String {
            all.map { message -> String in
                if case .output(_, let output) = message { String(decoding: output.bytes.bytes, as: UTF8.self) } else { "" }
            }.joined()
        }
    }

    init() throws {
        let loop = try EventLoop()
        let scratch = try ScratchNamespace("services")
        let messages = Messages()
        services = NodeServices(
            loop: loop, thread: scratch.thread, namespace: { [namespace = scratch.namespace] in $0 == 3 ? namespace : nil },
            send: {
                messages.all.append($0)
                if case .output = $0 { return }
                loop.stop()
            })
        (self.loop, self.scratch, self.messages) = (loop, scratch, messages)
    }

    private func execution(_ arguments: [String]) -> AgentRequest.Operation {
        .execute(Execution(node: 3, arguments: arguments, environment: [], terminal: nil))
    }

    private func wait(forAnswers count: Int) throws { while messages.answers.count < count { try loop.run() } }

    @Test func otherOperationsAreLeftAlone() throws {
        #expect(try !services.serve(request: 1, .status))
        #expect(messages.all.isEmpty)
    }

    @Test func anExecutionIsAnsweredAtItsEnd() throws {
        #expect(try services.serve(request: 5, execution(["sh", "-c", "read line; echo got $line; exit 3"])))
        #expect(messages.answers.isEmpty)
        #expect(try services.serve(request: 6, .input(execution: 5, .bytes(Base64Bytes(Array("it\n".utf8))))))
        try wait(forAnswers: 2)
        #expect(messages.output == "got it\n")
        guard case (6, .done) = messages.answers[0], case (5, .ended(let end)) = messages.answers[1] else {
            Issue.record("\(messages.answers)")
            return
        }
        #expect(end.status == 3)
        if case .answer = messages.all.last {} else { Issue.record("output after the answer") }
    }

    @Test func aProgramIsStopped() throws {
        _ = try services.serve(request: 1, execution(["cat"]))
        _ = try services.serve(request: 2, .stop(request: 1))
        try wait(forAnswers: 2)
        #expect(messages.answers.map(\.id) == [2, 1])
        // It has ended, which is no error: both may say so at once.
        _ = try services.serve(request: 3, .stop(request: 1))
        _ = try services.serve(request: 4, .input(execution: 1, .end))
        #expect(messages.answers.map(\.id) == [2, 1, 3, 4])
    }

    @Test func aCaptureIsAnsweredWhenItIsStopped() throws {
        _ = try services.serve(request: 1, .capture(CaptureRequest(node: 3, interface: "lo")))
        while messages.all.isEmpty { try loop.run() }
        #expect(messages.answers.isEmpty)
        _ = try services.serve(request: 2, .input(execution: 1, .taken(10)))
        _ = try services.serve(request: 3, .stop(request: 1))
        #expect(messages.answers.map(\.id) == [2, 1, 3])
    }

    @Test func endAllEndsAll() throws {
        _ = try services.serve(request: 1, execution(["cat"]))
        _ = try services.serve(request: 2, .capture(CaptureRequest(node: 3, interface: nil)))
        services.endAll()
        try wait(forAnswers: 2)
        #expect(messages.answers.map(\.id) == [2, 1])
    }

    private func refusal(_ id: Int, _ operation: AgentRequest.Operation) -> String? {
        let failure = #expect(throws: AgentMessage.Failure.self) { try services.serve(request: id, operation) }
        #expect(failure?.kind == .badRequest)
        return failure?.message
    }

    @Test func requestsThatCannotBeMet() throws {
        #expect(
            refusal(1, .execute(Execution(node: 4, arguments: ["ls"], environment: [], terminal: nil))) == "there is no node with number 4")
        #expect(refusal(1, .capture(CaptureRequest(node: -1, interface: nil))) == "there is no node with number -1")
        #expect(
            refusal(1, .capture(CaptureRequest(node: 3, interface: nil, snapLength: 0)))
                == "found snap length 0; allowed: 1 to 262144 bytes")
        #expect(refusal(1, .stop(request: 9)) == "request 9 runs no program and is no capture")
        #expect(refusal(1, .input(execution: 9, .end)) == "request 9 runs no program and is no capture")
        #expect(messages.all.isEmpty)

        _ = try services.serve(request: 1, .capture(CaptureRequest(node: 3, interface: nil)))
        #expect(refusal(2, .input(execution: 1, .end)) == "request 1 is a capture, which takes no input")
        #expect(refusal(1, execution(["cat"])) == "there is a request with number 1 already")
        services.endAll()
    }
}
