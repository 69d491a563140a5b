import LabPlan

/// A standing lab, for everybody who works in it. It has no secrets: it is kept in a file.
public struct LabDescription: Codable, Sendable, Equatable {
    public enum Backend: String, Codable, Sendable {
        case host
        case guest
    }

    /// Unique among the labs that stand.
    public var name: String
    /// The topology's file name, without folders.
    public var topology: String
    public var backend: Backend
    public var seed: UInt64
    /// `uname -r` of the kernel that carries it.
    public var kernel: String
    /// Of the program that keeps it.
    public var version: String
    /// The keeper's process.
    public var pid: Int32
    /// When it stood: nanoseconds since 1970.
    public var startedAt: Int64
    /// All there is in it. Its pre-shared keys are empty.
    public var plan: LabPlan

    /// The lab's time: real for every lab that people work in.
    public var clock: String { "real" }
    public var gateway: String { plan.gateway.name }
    public var nodes: [String] { plan.nodes.map(\.name) }
    public var links: [String] { plan.linkNames }
    public var connections: [String] { plan.connections.map(\.name) }

    public init(
        backend: Backend, kernel: String, version: String, pid: Int32, startedAt: Int64, plan: LabPlan
    ) {
        name = plan.name
        topology = plan.topology
        self.backend = backend
        seed = plan.seed
        self.kernel = kernel
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.plan = plan.withoutSecrets
    }
}
