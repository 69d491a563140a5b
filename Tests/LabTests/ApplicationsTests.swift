import Addressing
import EventLoop
import Links
import LinuxKernel
import Measurement
import Probing
import Testing

@testable import Applications

/// Messages and requests over the loopback interface of a namespace, which can be switched off.
@Suite(
    .serialized, .enabled(if: ScratchNamespace.requirement.letTestsRun, "\(ScratchNamespace.requirement.reason)"), .timeLimit(.minutes(10)))
struct ApplicationsTests {
    private let loop: EventLoop
    private let scratch: ScratchNamespace
    private let network: NetworkStack
    private static let address = IPAddress("127.0.0.1")!

    init() throws {
        loop = try EventLoop()
        scratch = try ScratchNamespace("applications")
        network = try NetworkStack(of: scratch.namespace, on: scratch.thread)
        try network.apply([.setUp("lo")])
    }

    private func listeners(userTimeout: Duration? = nil) throws -> [TCPSocket] {
        try scratch.thread.run(in: scratch.namespace) {
            try [MeasurementPorts.messages, MeasurementPorts.requests].map {
                try TCPSocket.listening(on: Self.address, port: $0, userTimeout: userTimeout)
            }
        }
    }

    private func applications(
        listeners: [TCPSocket], userTimeout: Duration? = nil, requestTimeout: Duration = .seconds(5), answerSize: Int = 3_000
    ) throws -> ConnectionApplications {
        let scratch = scratch
        return try ConnectionApplications(
            loop: loop,
            settings: .init(
                messageRate: 50, messageSize: 700, requestRate: 20, requestSize: 100, answerSize: answerSize,
                requestTimeout: requestTimeout),
            connections: ["one", "two"].map { name in
                .init(name: name) { port in
                    try scratch.thread.run(in: scratch.namespace) {
                        try TCPSocket.connecting(from: Self.address, to: Self.address, port: port, userTimeout: userTimeout)
                    }
                }
            }, listeners: listeners)
    }

    /// Runs them for a time and a little longer.
    private func run(
        _ applications: ConnectionApplications, for duration: Duration, meanwhile: [(Duration, () throws -> Void)] = []
    ) throws -> [ApplicationResult] {
        let start = loop.now + 50_000_000
        applications.begin(at: start, for: duration)
        for (time, body) in meanwhile {
            loop.timer(at: start + time.nanoseconds) { #expect(throws: Never.self) { try body() } }
        }
        var results: [ApplicationResult] = []
        loop.timer(at: start + duration.nanoseconds + 500_000_000) { [loop] in
            results = applications.end(disruption: 1_500_000_000)
            loop.stop()
        }
        try loop.run()
        return results
    }

    @Test func everythingIsDeliveredWhereNothingIsLost() throws {
        let results = try run(try applications(listeners: listeners()), for: .seconds(3))
        #expect(results.map(\.connection) == ["one", "two"])
        for result in results {
            #expect(result.messages.map(\.direction) == [.toGateway, .toSite])
            for flow in result.messages {
                // From the second second on.
                #expect(flow.due == 100)
                #expect(flow.delivered == 100)
                #expect(flow.lost == 0 && flow.unsent == 0)
                #expect(flow.delay?.count == 100)
            }
            #expect(result.breaks.isEmpty)
            let requests = result.requests
            #expect(requests.answered == 60)
            #expect(requests.failed == 0 && requests.open == 0)
            #expect(requests.breaks.isEmpty)
            #expect(requests.before?.count == 30 && requests.after?.count == 30)
        }
    }

    @Test func aStallIsAsLongAsTCPNeedsToRepairIt() throws {
        let network = network
        let results = try run(
            try applications(listeners: listeners()), for: .seconds(6),
            meanwhile: [
                (.milliseconds(2_000), { try network.apply([.set("lo", LinkSettings(isUp: false))]) }),
                (.milliseconds(3_000), { try network.apply([.setUp("lo")]) }),
            ])
        for result in results {
            for flow in result.messages {
                let stall = try #require(flow.stalls.max { $0.length(until: 0) < $1.length(until: 0) })
                #expect(stall.start < 2_200_000_000 && stall.length(until: 0) > 900_000_000)
                #expect(stall.end != nil)
                #expect(flow.retransmissions > 0)
                // TCP loses nothing: what waited comes later.
                #expect(flow.delivered == flow.due)
                #expect((flow.delay?.maximum ?? 0) > 900_000_000)
            }
            #expect(result.requests.failed == 0)
            // A request that waited for another one counts from when it was due.
            #expect((result.requests.after?.maximum ?? 0) > 900_000_000)
            #expect((result.requests.before?.maximum ?? .max) < 900_000_000)
        }
    }

    @Test func aConnectionThatIsGivenUpIsMadeAgain() throws {
        let network = network
        let patience = Duration.milliseconds(1_000)
        let results = try run(
            try applications(listeners: listeners(userTimeout: patience), userTimeout: patience, requestTimeout: .milliseconds(400)),
            for: .seconds(9),
            meanwhile: [
                (.milliseconds(2_000), { try network.apply([.set("lo", LinkSettings(isUp: false))]) }),
                (.milliseconds(5_000), { try network.apply([.setUp("lo")]) }),
            ])
        for result in results {
            #expect(result.breaks.contains { $0.reason.hasPrefix("ETIMEDOUT") || $0.reason.hasPrefix("ENETUNREACH") }, "\(result.breaks)")
            #expect(result.messages.allSatisfy { $0.unsent > 0 && $0.delivered > 0 })
            for flow in result.messages { #expect(flow.delivered + flow.lost + flow.unsent == flow.due) }
            #expect(result.messages.allSatisfy { ($0.stalls.last?.end ?? 0) > 5_000_000_000 }, "\(result.messages)")
            let requests = result.requests
            #expect(requests.failed > 20)
            #expect(requests.answered + requests.failed + requests.open == 180)
            #expect(requests.breaks.contains { $0.reason == "given up" }, "\(requests.breaks)")
            #expect((requests.stalls.last?.end ?? 0) > 5_000_000_000)
        }
    }

    @Test func nobodyListensAndItIsToldOnce() throws {
        let results = try run(try applications(listeners: []), for: .seconds(3))
        for result in results {
            #expect(result.breaks.map(\.reason) == ["connecting: ECONNREFUSED"])
            #expect((result.breaks.first?.times ?? 0) >= 2)
            #expect(result.messages.allSatisfy { $0.unsent == $0.due && $0.stalls.count == 1 && $0.stalls[0].end == nil })
            #expect(result.requests.answered == 0)
        }
    }

    @Test func aStrangerIsNoApplication() throws {
        let listeners = try listeners()
        let applications = try applications(listeners: listeners)
        let stranger = try scratch.thread.run(in: scratch.namespace) {
            try TCPSocket.connecting(from: Self.address, to: Self.address, port: MeasurementPorts.messages)
        }
        let results = try run(
            applications, for: .seconds(2),
            meanwhile: [
                (
                    .milliseconds(500),
                    {
                        let outcome = Array("GET / HTTP/1.1\r\n\r\n".utf8).withUnsafeBytes { stranger.write($0) }
                        #expect(outcome == .bytes(18))
                    }
                )
            ])
        #expect(results.allSatisfy { $0.messages.allSatisfy { $0.delivered == 50 } })
    }
}

@Suite struct ApplicationGreetingTests {
    @Test func comesBackAsItWas() {
        let greeting = ApplicationGreeting(kind: .requests, connection: 70_000, attempt: 3)
        #expect(greeting.bytes.count == ApplicationGreeting.length)
        #expect(ApplicationGreeting(greeting.bytes) == greeting)
    }

    @Test func othersAreNone() {
        let bytes = ApplicationGreeting(kind: .messages, connection: 1, attempt: 1).bytes
        #expect(ApplicationGreeting(bytes.dropLast()) == nil)
        #expect(ApplicationGreeting([UInt8(0)] + bytes.dropFirst()) == nil)
        #expect(ApplicationGreeting(bytes[..<7] + [9] + bytes[8...]) == nil)
    }
}
