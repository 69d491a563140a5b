import EventLoop
import Testing

@Suite struct EventLoopTimerTests {
    @Test func equalDeadlinesFireInTheOrderTheyWereSet() throws {
        let loop = try EventLoop()
        let deadline = loop.now + 1_000_000
        // A cancelled timer's place is given to a later one, which must not fire earlier for it.
        let cancelled = loop.timer(at: deadline) { Issue.record("cancelled") }
        var fired: [Int] = []
        for number in 0..<5 { loop.timer(at: deadline) { fired.append(number) } }
        loop.cancel(cancelled)
        loop.timer(at: deadline) { fired.append(5) }
        loop.timer(at: deadline + 1_000) { loop.stop() }
        try loop.run()
        #expect(fired == [0, 1, 2, 3, 4, 5])
    }

    @Test func cancellingATimerThatHasFiredLeavesItsSuccessorAlone() throws {
        let loop = try EventLoop()
        var fired: [String] = []
        var first: EventLoop.Timer?
        first = loop.timer(at: loop.now) {
            fired.append("first")
            loop.timer(at: loop.now) {
                fired.append("second")
                loop.stop()
            }
            first.map(loop.cancel)
        }
        try loop.run()
        #expect(fired == ["first", "second"])
    }
}
