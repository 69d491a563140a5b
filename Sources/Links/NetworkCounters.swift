import Glibc
import LinuxKernel

/// A namespace's counters of one moment: why the kernel dropped what it dropped.
///
/// Named as the kernel names them, IPv4's with the protocol before: `XfrmInNoStates`, `IpOutNoRoutes`, `IpExtInNoRoutes`,
/// `Ip6InNoRoutes`, `IcmpOutDestUnreachs`.
public struct CounterSnapshot: Hashable, Sendable {
    /// All counters above zero.
    public let nonzero: [String: UInt64]

    public init(nonzero: [String: UInt64]) { self.nonzero = nonzero.filter { $0.value != 0 } }

    /// Zero for a counter that this kernel does not have, as for one that never counted.
    public subscript(name: String) -> UInt64 { nonzero[name] ?? 0 }

    /// By how much each counter grew since an earlier snapshot. The few that are gauges and fell (`TcpCurrEstab`) are left out.
    public func growth(since earlier: CounterSnapshot) -> CounterSnapshot {
        var growth: [String: UInt64] = [:]
        for (name, value) in nonzero where value > earlier[name] { growth[name] = value - earlier[name] }
        return CounterSnapshot(nonzero: growth)
    }
}

/// Reads a namespace's counters again and again, from files of `/proc/net` that stay open.
public final class NetworkCounters: Sendable {
    private enum Form: Sendable { case tables, list }

    /// A file stays the one of the namespace in which it was opened.
    private final class OpenFile: Sendable {
        let path: String
        let form: Form
        let descriptor: FileDescriptor

        init(_ path: String, _ form: Form, _ descriptor: consuming FileDescriptor) {
            self.path = path
            self.form = form
            self.descriptor = descriptor
        }
    }

    private let files: [OpenFile]

    /// Opens the files in the namespace. One that the kernel lacks (`snmp6` without IPv6, `xfrm_stat` without its statistics) is left out.
    public init(of namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        files = try thread.run(in: namespace) {
            var files: [OpenFile] = []
            for (name, form) in [("snmp", Form.tables), ("netstat", .tables), ("snmp6", .list), ("xfrm_stat", .list)] {
                // Not /proc/net, which is the namespace of the process's first thread.
                let path = "/proc/thread-self/net/" + name
                let raw = open(path, O_RDONLY | O_CLOEXEC)
                if raw >= 0 {
                    files.append(OpenFile(path, form, FileDescriptor(owning: raw)))
                } else if case let errno = Errno.last, errno != .noSuchEntry {
                    throw SystemCallError("open", "\(path) in \(namespace.label)", errno)
                }
            }
            return files
        }
    }

    /// The counters now.
    public func read() throws -> CounterSnapshot {
        var counters: [String: UInt64] = [:]
        for file in files {
            let text = try Self.contents(of: file)
            switch file.form {
            case .tables: CounterText.readTables(text, into: &counters)
            case .list: CounterText.readList(text, into: &counters)
            }
        }
        return CounterSnapshot(nonzero: counters)
    }

    /// Reads a file from its beginning; the kernel makes its text anew for that.
    private static func contents(of file: OpenFile) throws -> [UInt8] {
        var text = [UInt8](repeating: 0, count: 16 << 10)
        var count = 0
        while true {
            let read = text.withUnsafeMutableBytes {
                pread(file.descriptor.rawValue, $0.baseAddress! + count, $0.count - count, off_t(count))
            }
            if read < 0 {
                if Errno.last == .interrupted { continue }
                throw SystemCallError("read", file.path, .last)
            }
            if read == 0 { return Array(text.prefix(count)) }
            count += read
            if count == text.count { text += [UInt8](repeating: 0, count: text.count) }
        }
    }
}
