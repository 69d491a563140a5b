import AgentProtocol
import Glibc
import LabPlan
import LinuxKernel

/// The labs that the checks build. First the plan of `topologies/two-sites.yaml`, as the controller hands it to the agent. Only the controller
/// resolves topologies, so that whoever makes the guest's image puts it there.
enum CheckPlan {
    static let file = "/checks/two-sites.plan.json"

    /// The plan of `topologies/active-active.yaml`.
    static let activeActiveFile = "/checks/active-active.plan.json"

    static func load(_ file: String = file) throws -> LabPlan { try JSONLines.decode(LabPlan.self, from: try FileContents.read(file)) }
}

enum FileContents {
    static func read(_ path: String) throws -> [UInt8] {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        let descriptor = FileDescriptor(owning: raw)
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor.rawValue, &piece, piece.count)
            guard count >= 0 else { throw SystemCallError("read", path, .last) }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
