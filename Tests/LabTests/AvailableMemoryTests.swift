import AgentProtocol
import Testing

@testable import Lab

@Suite struct AvailableMemoryTests {
    @Test("Probes that fit pass")
    func fits() throws {
        // 4 × 16 + 24 bytes for each of 6,000.
        let traces = TraceMemory(flows: 4, probes: 6_000)
        #expect(traces.bytes == 528_000)
        try AvailableMemory.check(traces, rate: 100, available: 704_000)
    }

    @Test("Those that do not are refused with what would fit")
    func refused() throws {
        let failure = try #require(throws: AgentMessage.Failure.self) {
            try AvailableMemory.check(TraceMemory(flows: 4, probes: 10_000_000), rate: 1_000, available: 256 << 20)
        }
        #expect(failure.kind == .badRequest)
        #expect(
            failure.message == """
                the rehearsal's probes do not fit into this kernel's memory: found 10000000 probes in each of 4 flows, which take 839 MiB, \
                where 256 MiB are free; allowed: 2287802 probes in each, that is 2287 s at 1000.0 a second, or a lower rate for longer
                """)
    }

    @Test("What would fit does")
    func bound() throws {
        let most = TraceMemory(flows: 3, probes: 0).probesThatFit(in: 48 << 20)
        try AvailableMemory.check(TraceMemory(flows: 3, probes: most), rate: 1, available: 64 << 20)
        #expect(throws: AgentMessage.Failure.self) {
            try AvailableMemory.check(TraceMemory(flows: 3, probes: most + 1), rate: 1, available: 64 << 20)
        }
    }

    @Test("More than can be counted is refused, too")
    func overflow() {
        #expect(TraceMemory(flows: 200, probes: .max).bytes == .max)
        #expect(throws: AgentMessage.Failure.self) {
            try AvailableMemory.check(TraceMemory(flows: 2, probes: .max), rate: 1, available: 1 << 40)
        }
    }
}
