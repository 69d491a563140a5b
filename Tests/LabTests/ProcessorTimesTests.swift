import Testing

@testable import Lab

struct ProcessorTimesTests {
    /// Of Linux 6.12, shortened.
    private static let statistics = """
        cpu  10 0 310 6022 3 0 12 0 0 0
        cpu0 10 0 310 6022 3 0 12 0 0 0
        intr 5120 0 9
        ctxt 30110
        """
    private static let interrupts = """
                   CPU0       CPU1
          4:         12          3   IO-APIC   4-edge      ttyS0
        NMI:          0          0   Non-maskable interrupts
        LOC:       4103        608   Local timer interrupts
        """

    @Test func idleTimeAndInterruptsAreRead() throws {
        let times = try #require(ProcessorTimes(statistics: Self.statistics, interrupts: Self.interrupts, ticks: 100))
        #expect(times.idle == 60_250_000_000)
        #expect(times.timerInterrupts == 4_711)
    }

    @Test(arguments: [("cpu  ", "cpus "), ("6022", "-"), (" 3 0 12 0 0 0", "")])
    func withoutIdleTimeNothingIsTold(words: String, others: String) {
        let text = Self.statistics.replacing(words, with: others)
        #expect(ProcessorTimes(statistics: text, interrupts: Self.interrupts, ticks: 100) == nil)
    }

    @Test(arguments: [("LOC:", "ARM:"), ("4103        608", "")])
    func withoutTimersNothingIsTold(words: String, others: String) {
        let text = Self.interrupts.replacing(words, with: others)
        #expect(ProcessorTimes(statistics: Self.statistics, interrupts: text, ticks: 100) == nil)
    }
}
