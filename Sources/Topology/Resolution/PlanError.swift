/// A value from outside the topology, such as from the command line, that makes no plan.
public struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `name`, `duration`, `resetAt`, `probes.rate` or `probes.payload`.
    public var key: String
    public var found: String
    public var allowed: String

    public var description: String { "\(key): found \(found); allowed: \(allowed)" }
}
