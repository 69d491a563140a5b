import AgentProtocol
import ArgumentParser
import LabKeeper
import LabPlan

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which of the standing labs is meant.
struct LabOption: ParsableArguments {
    @Option(help: ArgumentHelp("Which lab is meant. Default: the only one that stands.", valueName: "name"))
    var lab: String?

    /// - Throws: `CommandFailure`.
    func connect() throws -> LabClient {
        try telling { try LabClient(lab: lab) }
    }
}

enum TextOrJSON: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// Turns what a standing lab's client throws into a message and an exit code.
func telling<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let failure as LabClient.Failure {
        switch failure {
        case .noSuchLab: throw CommandFailure(.badInput, "\(failure)")
        default: throw CommandFailure(.failed, "\(failure)")
        }
    } catch let failure as AgentMessage.Failure {
        switch failure.kind {
        case .badRequest: throw CommandFailure(.badInput, failure.message)
        case .unsupported: throw CommandFailure(.unsupported, failure.message)
        case .failed: throw CommandFailure(.failed, failure.message)
        }
    } catch let error as LabFolderError {
        throw CommandFailure(.failed, "\(error)")
    }
}

/// Prints JSON for people and scripts: indented, keys in order.
func printJSON(_ value: some Encodable) throws { print(try jsonText(value)) }

func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}

// MARK: - Names

extension LabDescription {
    /// - Throws: `CommandFailure` that lists the names there are; here and below.
    func connection(_ text: String) throws -> Int {
        try plan.connection(named: text) ?? unknown("connection", text, connections)
    }

    func link(_ text: String) throws -> Int { try plan.link(named: text) ?? unknown("link", text, links) }

    func instance(_ text: String) throws -> InstanceChoice {
        switch text {
        case "active": return .active
        case "standby": return .standby
        default:
            let names = plan.gateway.instances.map(\.name)
            return .index(try names.firstIndex(of: text) ?? unknown("instance", text, ["active", "standby"] + names))
        }
    }

    private func unknown<Value>(_ kind: String, _ text: String, _ names: [String]) throws -> Value {
        throw CommandFailure(.badInput, "no \(kind) \(text) in lab \(name); there are: \(names.joined(separator: ", "))")
    }
}

/// What a lab is, for scripts.
struct LabSummary: Encodable {
    var schema = "resetlab.lab/1"
    var name: String
    var topology: String
    var backend: String
    var clock: String
    var seed: UInt64
    var kernel: String
    var version: String
    var pid: Int32
    var startedAt: String
    var gateway: String
    var nodes: [String]
    var links: [String]
    var connections: [String]

    init(_ lab: LabDescription) {
        (name, topology, backend, clock) = (lab.name, lab.topology, lab.backend.rawValue, lab.clock)
        (seed, kernel, version, pid) = (lab.seed, lab.kernel, lab.version, lab.pid)
        startedAt = WallClock.text(lab.startedAt)
        (gateway, nodes, links, connections) = (lab.gateway, lab.nodes, lab.links, lab.connections)
    }
}
