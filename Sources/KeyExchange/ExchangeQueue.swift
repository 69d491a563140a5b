/// Which ends of one gateway instance may exchange keys: so many at once, and the others in the order in which they came to wait.
///
/// Gateways bound their negotiations (charon's `init_limit_half_open`, other makers' `in-negotiation-sa`), since exchanges that all go forward at
/// once all end late: with one processor, the first of 500 would be complete not long before the last. What is bounded here is what an instance
/// begins. What a peer begins counts, and is answered all the same: turned away, it would come again only after seconds (RFC 7296 §2.1).
public struct ExchangeQueue<End: Hashable> {
    public let limit: Int
    private var underWay: Set<End> = []
    /// By waiting end: its place in the line.
    private var tickets: [End: Int] = [:]
    /// The line, with places that nobody waits at any more.
    private var line: [(end: End, ticket: Int)] = []
    private var head = 0
    private var ticketsGiven = 0

    /// - Parameter limit: at least 1.
    public init(limit: Int) { self.limit = max(1, limit) }

    /// Whether an end may begin now: with room for one more, or if its exchange is one of those under way.
    public func admits(_ end: End) -> Bool { underWay.count < limit || underWay.contains(end) }

    /// What an end does after an input. An end that is gone does neither.
    public mutating func note(_ end: End, isExchanging: Bool, isWaiting: Bool) {
        if isExchanging { underWay.insert(end) } else { underWay.remove(end) }
        guard isWaiting else {
            tickets[end] = nil
            return
        }
        guard tickets[end] == nil else { return }
        ticketsGiven += 1
        tickets[end] = ticketsGiven
        line.append((end, ticketsGiven))
    }

    /// The end whose turn it is; nil while there is no room, or nobody waits. It leaves the line.
    public mutating func next() -> End? {
        guard underWay.count < limit else { return nil }
        while head < line.count {
            let (end, ticket) = line[head]
            head += 1
            if tickets[end] == ticket {
                tickets[end] = nil
                return end
            }
        }
        line = []
        head = 0
        return nil
    }
}
