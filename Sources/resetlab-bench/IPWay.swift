import Glibc
import Lab
import LabPlan
import Links
import LinuxKernel
import Processes

/// `ip -batch` for the same objects in the same order, without the kernel settings, which it has no commands for: one batch for the namespaces,
/// one for each node that makes links, one for each node's rest. It enters a namespace only at its start.
final class IPWay: LabWay {
    let name = "ip"
    private let program: String
    private let folder: String
    /// In order: the namespace to be in, and the commands' file.
    private var batches: [(namespace: String?, file: String)] = []
    private let removal: String

    /// - Parameter folder: for the commands' files; exists.
    init(_ recording: LabRecording, security: [NodeSecurity], program: String, folder: String) throws {
        (self.program, self.folder) = (program, folder)
        removal = "\(folder)/removal"
        let names = recording.plan.nodes.map(\.namespace)
        try Self.write(names.reversed().map { "netns delete \($0)" }, to: removal)
        try add(nil, names.map { "netns add \($0)" })
        var making = names.map { _ in [String]() }
        var rest = making
        for step in recording.steps.joined() {
            guard case .changes(let changes, _) = step.work else { continue }
            let makesPairs = changes.contains { if case .addVethPair = $0 { true } else { false } }
            for change in changes {
                let line = try IPCommands.line(for: change)
                if makesPairs { making[step.node].append(line) } else { rest[step.node].append(line) }
            }
        }
        for part in security {
            rest[part.node] += part.policies.map { IPCommands.line(for: $0) }
            rest[part.node] += part.associations.map {
                IPCommands.line(for: $0, key: NodeSecurity.key(of: $0))
            }
        }
        for lines in [making, rest] { for (node, lines) in lines.enumerated() where !lines.isEmpty { try add(names[node], lines) } }
    }

    private func add(_ namespace: String?, _ lines: [String]) throws {
        let file = "\(folder)/batch-\(batches.count)"
        try Self.write(lines, to: file)
        batches.append((namespace, file))
    }

    private static func write(_ lines: [String], to path: String) throws {
        try OutputFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    }

    func build() throws {
        for batch in batches { try run((batch.namespace.map { ["-n", $0] } ?? []) + ["-batch", batch.file]) }
    }

    func takeDown() throws { try run(["-batch", removal]) }

    private func run(_ arguments: [String]) throws { _ = try Command(program, arguments).runToEnd(limit: .seconds(600)).checked() }
}
