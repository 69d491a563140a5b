import AgentProtocol
import Glibc
import LinuxKernel

/// What this agent has made on a host, written down before it is made, so that whatever happens to the agent, exactly that can be removed.
///
/// One file per agent in `/run/resetlab`, which the kernel forgets with everything else at a restart. The agent holds a lock (flock(2)) on its
/// file while it lives: a journal without its lock belongs to a dead agent. Lines:
///
///     making NAME             the namespace NAME did not exist and is about to be made
///     made NAME DEVICE INODE  it is there, and this is its identity
///     removed NAME
package final class Journal {
    static let folder = "/run/resetlab"

    private let path: String
    private let descriptor: FileDescriptor

    /// Starts this agent's own journal.
    ///
    /// - Throws: `SystemCallError` when `/run/resetlab` cannot be written to.
    init() throws {
        try Self.makeFolder()
        path = "\(Self.folder)/agent-\(getpid()).journal"
        let raw = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        descriptor = FileDescriptor(owning: raw)
        guard flock(raw, LOCK_EX | LOCK_NB) == 0 else { throw SystemCallError("flock", path, .last) }
        // A dead agent with the same process number may have left its lines: they are read by `cleanUp`, which is run first.
    }

    func making(_ namespace: String) throws { try write("making \(namespace)") }
    func made(_ namespace: String, _ identity: NetworkNamespace.Identity) throws {
        try write("made \(namespace) \(identity.device) \(identity.inode)")
    }
    func removed(_ namespace: String) throws { try write("removed \(namespace)") }

    /// Nothing is left to be removed: the journal goes.
    func close() { unlink(path) }

    /// Removes namespaces, the last one made first, and closes their journal once all are gone. Goes on whatever happens.
    ///
    /// - Parameter journal: nil where none is kept.
    /// - Returns: what could not be removed.
    static func remove(_ namespaces: [NetworkNamespace], _ journal: Journal?) -> [any Error] {
        var errors: [any Error] = []
        for namespace in namespaces.reversed() {
            guard let name = namespace.name else { continue }
            do {
                try NetworkNamespace.remove(named: name, identity: namespace.identity)
                try journal?.removed(name)
            } catch {
                errors.append(error)
            }
        }
        if errors.isEmpty { journal?.close() }
        return errors
    }

    private func write(_ line: String) throws {
        let bytes = Array("\(line)\n".utf8)
        // One write of a short line: it is there whole or not at all.
        guard Glibc.write(descriptor.rawValue, bytes, bytes.count) == bytes.count else { throw SystemCallError("write", path, .last) }
    }

    private static func makeFolder() throws {
        if mkdir(folder, 0o700) != 0, Errno.last != .exists { throw SystemCallError("mkdir", folder, .last) }
    }
}

extension Journal {
    /// Removes what dead agents have left, and nothing else.
    static func cleanUp() throws -> CleanUpReport {
        var report = CleanUpReport()
        for name in try journalNames() {
            let path = "\(folder)/\(name)"
            let raw = open(path, O_RDWR | O_CLOEXEC)
            guard raw >= 0 else { continue }
            let descriptor = FileDescriptor(owning: raw)
            guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                report.running.append(name)
                continue
            }
            let failures = removeRemains(readLines(descriptor.rawValue), into: &report)
            if failures.isEmpty { unlink(path) }
            report.failures += failures
        }
        return report
    }

    private static func removeRemains(_ lines: [String], into report: inout CleanUpReport) -> [String] {
        var failures: [String] = []
        for (name, identity) in remains(lines) {
            do {
                if try NetworkNamespace.remove(named: name, identity: identity) { report.removed.append(name) }
            } catch {
                failures.append("\(name): \(error)")
            }
        }
        return failures
    }

    /// The namespaces that a journal's lines leave standing, the last made first. A name without identity was about to be made: its file is
    /// the agent's own, since it was not there before.
    static func remains(_ lines: [String]) -> [(name: String, identity: NetworkNamespace.Identity?)] {
        var order: [String] = []
        var identities: [String: NetworkNamespace.Identity?] = [:]
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count) {
            case ("making", 2):
                if identities[words[1]] == nil { order.append(words[1]) }
                identities[words[1]] = .some(nil)
            case ("made", 4):
                guard let device = UInt64(words[2]), let inode = UInt64(words[3]) else { continue }
                identities[words[1]] = NetworkNamespace.Identity(device: device, inode: inode)
            case ("removed", 2):
                identities[words[1]] = nil
                order.removeAll { $0 == words[1] }
            default:
                // The last line of an agent that died while writing it.
                continue
            }
        }
        return order.reversed().compactMap { name in identities[name].map { (name, $0) } }
    }

    private static func journalNames() throws -> [String] {
        guard let directory = opendir(folder) else {
            if Errno.last == .noSuchEntry { return [] }
            throw SystemCallError("opendir", folder, .last)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".journal") { names.append(name) }
        }
        return names.sorted()
    }

    private static func readLines(_ descriptor: Int32) -> [String] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
