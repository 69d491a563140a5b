import LabPlan
import Preflight

/// What was compared before a reset. No key material is part of it.
public struct CheckReport: Codable, Sendable, Equatable {
    public enum Verdict: String, Codable, Sendable {
        case passed
        case failed
    }

    public static let schemaIdentifier = "resetlab.check/1"

    public var schema: String
    /// The topology's file name without folders.
    public var topology: String
    public var connections: [ConnectionCheck]
    /// Whether no connection has a difference.
    public var verdict: Verdict

    public init(topology: String, connections: [ConnectionCheck]) {
        schema = Self.schemaIdentifier
        self.topology = topology
        self.connections = connections
        verdict = connections.allSatisfy(\.differences.isEmpty) ? .passed : .failed
    }

    /// As JSON text: sorted keys, a newline at the end.
    public func json() throws -> String { try JSONText.of(self) }
}
