/// A queueing discipline and its counters, as `tc -s qdisc` lists it.
public struct QueueDiscipline: Hashable, Sendable {
    public var interface: String
    /// `netem`, `noqueue`, …
    public var kind: String
    public var isRoot: Bool
    public var sentBytes: UInt64
    public var sentPackets: UInt32
    /// Packets dropped: by netem's loss, or because the queue was full.
    public var drops: UInt32
    public var waitingPackets: UInt32
    public var waitingBytes: UInt32
    public var overLimits: UInt32
}
