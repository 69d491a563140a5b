/// How many probes a rehearsal offers, and whether a guest in virtual time can send them all: its one processor's speed is fixed, however fast the
/// machine is.
public struct ProbeLoad: Sendable {
    /// Of all flows together, in both directions.
    public let perSecond: Double
    /// Of each flow.
    private let rate: Double

    /// Of so many, over 500 connections that were all reset meanwhile, 0.3 % were not sent in time (docs/performance.md).
    public static let virtualCapacity = 10_000.0

    public init(_ plan: LabPlan) {
        rate = plan.rehearsal.probeRate
        perSecond = rate * 2 * Double(plan.connections.count)
    }

    /// What to tell before a run in virtual time; nil when all probes will be sent.
    public var warning: String? {
        guard perSecond > Self.virtualCapacity, perSecond.isFinite else { return nil }
        let fitting = Self.virtualCapacity / (perSecond / rate)
        return "the probes are more than virtual time holds: found \(Int(perSecond)) a second in all flows, of which about "
            + "\(Int(Self.virtualCapacity)) can be sent; the report counts the others as not sent in time. "
            + "A rate of \((fitting * 100).rounded(.down) / 100) for each would fit (--rate)"
    }
}
