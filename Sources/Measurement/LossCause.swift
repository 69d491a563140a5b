/// How many lost probes one kernel counter accounts for.
public struct LossCause: Codable, Sendable, Equatable {
    /// nil for probes that no counter explains.
    public var counter: CounterKey?
    public var packets: Int

    public init(counter: CounterKey?, packets: Int) {
        self.counter = counter
        self.packets = packets
    }

    /// The sum of several lists, one entry a counter, in the counters' order with the unexplained rest last.
    public static func sum(_ lists: some Sequence<[LossCause]>) -> [LossCause] {
        var packets: [CounterKey: Int] = [:]
        var unexplained = 0
        for cause in lists.joined() {
            if let counter = cause.counter {
                packets[counter, default: 0] += cause.packets
            } else {
                unexplained += cause.packets
            }
        }
        return packets.sorted { $0.key < $1.key }.map { LossCause(counter: $0.key, packets: $0.value) }
            + (unexplained > 0 ? [LossCause(counter: nil, packets: unexplained)] : [])
    }
}
