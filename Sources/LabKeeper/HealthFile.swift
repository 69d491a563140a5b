import AgentProtocol
import Glibc
import LinuxKernel
import Measurement

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A lab's health history over all its ups, one entry a line (JSON Lines), the last 1,000 of them: `health.jsonl`.
///
/// A line is written when its entry begins; when it ended is told by the next one of its resource.
public final class HealthFile {
    public static let capacity = 1_000
    public let path: String
    private var kept: [HealthEntry]
    private var lines: Int

    /// Where histories are: `/var/lib/resetlab/LAB/` for root, `resetlab/LAB/` in XDG_STATE_HOME (`~/.local/state`) for others. RESETLAB_STATE
    /// names another folder in the place of `resetlab`.
    public static func folder(
        of lab: String, environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
    ) throws -> String {
        func folder(_ variable: String) -> String? { environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let named = folder("RESETLAB_STATE") { return "\(named)/\(lab)" }
        if getuid() == 0 { return "/var/lib/resetlab/\(lab)" }
        if let state = folder("XDG_STATE_HOME") { return "\(state)/resetlab/\(lab)" }
        if let home = folder("HOME") { return "\(home)/.local/state/resetlab/\(lab)" }
        throw LabFolderError("there is no folder for the health history: neither RESETLAB_STATE nor XDG_STATE_HOME nor HOME names one")
    }

    /// Reads what earlier ups have left. Lines that are not understood, such as one that was cut by a full disk, are passed over.
    public init(folder: String) throws {
        path = "\(folder)/health.jsonl"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw LabFolderError("\(folder) cannot be made: \(Errno.last.message)")
        }
        let text = (try? Data(contentsOf: URL(filePath: path))) ?? Data()
        let lines = text.split(separator: UInt8(ascii: "\n"))
        self.lines = lines.count
        kept = lines.compactMap { try? JSONLines.decode(HealthEntry.self, from: $0) }.suffix(Self.capacity)
        if self.lines > Self.capacity { try rewrite() }
    }

    /// Closed, in the order of their beginning.
    public var entries: [HealthEntry] { kept.closed }

    /// The resource's last entry.
    func latest(_ kind: HealthEntry.Kind, _ resource: String) -> HealthEntry? {
        kept.last { $0.kind == kind && $0.resource == resource }
    }

    /// Keeps entries in memory even where they cannot be written.
    func append(_ entries: [HealthEntry]) throws {
        guard !entries.isEmpty else { return }
        kept = (kept + entries).suffix(Self.capacity)
        lines += entries.count
        if lines > 2 * Self.capacity { return try rewrite() }
        try write(try entries.flatMap { try JSONLines.encode($0) }, to: path, O_APPEND)
    }

    private func rewrite() throws {
        try write(try kept.flatMap { try JSONLines.encode($0) }, to: "\(path).new", O_TRUNC)
        guard rename("\(path).new", path) == 0 else { throw SystemCallError("rename", path, .last) }
        lines = kept.count
    }

    private func write(_ bytes: [UInt8], to path: String, _ flags: Int32) throws {
        let raw = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        let descriptor = FileDescriptor(owning: raw)
        guard Glibc.write(descriptor.rawValue, bytes, bytes.count) == bytes.count else { throw SystemCallError("write", path, .last) }
    }
}
