import KeyExchange
import Testing

@Suite struct ExchangeQueueTests {
    /// Those that have begun, in order; everyone asks at once.
    private static func begun(of count: Int, limit: Int) -> (queue: ExchangeQueue<Int>, begun: [Int]) {
        var queue = ExchangeQueue<Int>(limit: limit)
        var begun: [Int] = []
        for end in 0..<count {
            let isAdmitted = queue.admits(end)
            queue.note(end, isExchanging: isAdmitted, isWaiting: !isAdmitted)
            if isAdmitted { begun.append(end) }
        }
        return (queue, begun)
    }

    @Test("So many begin at once, each further one when another has ended, in the order in which they asked")
    func order() {
        var (queue, begun) = Self.begun(of: 10, limit: 3)
        #expect(begun == [0, 1, 2])
        #expect(queue.next() == nil)
        for ended in [1, 0, 2, 3, 4, 5, 6] {
            queue.note(ended, isExchanging: false, isWaiting: false)
            let next = queue.next()
            #expect(queue.admits(next ?? -1))
            if let next {
                queue.note(next, isExchanging: true, isWaiting: false)
                begun.append(next)
            }
        }
        #expect(begun == Array(0..<10))
        #expect(queue.next() == nil)
    }

    @Test("Whoever leaves the line loses the place, and has the last one when it comes back")
    func leaving() {
        var (queue, _) = Self.begun(of: 4, limit: 1)
        queue.note(1, isExchanging: false, isWaiting: false)
        queue.note(1, isExchanging: false, isWaiting: true)
        var order: [Int] = []
        queue.note(0, isExchanging: false, isWaiting: false)
        while let next = queue.next() { order.append(next) }
        #expect(order == [2, 3, 1])
    }

    @Test("To wait on is no new place")
    func waitingOn() {
        var (queue, _) = Self.begun(of: 3, limit: 1)
        queue.note(1, isExchanging: false, isWaiting: true)
        queue.note(0, isExchanging: false, isWaiting: false)
        #expect(queue.next() == 1)
    }

    @Test("An exchange that the peer began counts above the limit too, and goes on")
    func beyondLimit() {
        var (queue, _) = Self.begun(of: 3, limit: 1)
        queue.note(2, isExchanging: true, isWaiting: false)
        #expect(queue.admits(2))
        #expect(!queue.admits(1))
        queue.note(0, isExchanging: false, isWaiting: false)
        #expect(queue.next() == nil)
        queue.note(2, isExchanging: false, isWaiting: false)
        #expect(queue.next() == 1)
    }

    @Test("A bound below one is one: a gateway that begins nothing would never come up")
    func least() { #expect(ExchangeQueue<Int>(limit: 0).admits(1)) }
}
