/// Which processor a machine's threads share.
///
/// Threads that take turns wake each other faster on one processor: no other one has to be woken for it. But bound to it they cannot move away
/// from somebody else's work there. So they are moved when they wait for it while another one is free.
struct PlacementPolicy {
    /// The largest part of the time that the threads may wait for their processor while another one is free.
    static let longestWait = 0.2
    /// The part of the time that a processor has nothing to do, from which on it counts as free.
    static let enoughIdle = 0.5

    private(set) var processor: Int

    /// - Parameters:
    ///   - waited: the part of the time since the last observation in which threads were ready to run and did not.
    ///   - idle: the part of that time in which each processor that they may run on had nothing to do.
    /// - Returns: whether they move, to `processor`.
    mutating func observe(waited: Double, idle: [Int: Double]) -> Bool {
        guard waited > Self.longestWait,
            let best = idle.filter({ $0.key != processor }).max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            best.value >= Self.enoughIdle
        else { return false }
        processor = best.key
        return true
    }
}
