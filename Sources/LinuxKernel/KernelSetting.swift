import Glibc

/// A kernel setting of one network namespace, below `/proc/sys/net`.
public struct KernelSetting: Hashable, Sendable {
    /// Below `/proc/sys/net`, with slashes, because names of interfaces may contain dots: `ipv4/conf/wan/rp_filter`.
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Writes settings in order, like `sysctl -w` in the namespace.
    ///
    /// The files are opened in the namespace: which one a name below `/proc/sys/net` means is decided by the thread that opens it.
    /// - Throws: `SystemCallError` with ENOENT for a name that this kernel lacks, EINVAL for a value that it refuses.
    public static func write(_ settings: [KernelSetting], in namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        try thread.run(in: namespace) { try write(settings, through: thread.proc) }
    }

    /// Writes settings of the calling thread's namespace.
    ///
    /// Each family's folder is looked up once.
    private static func write(_ settings: [KernelSetting], through proc: PrivateProc) throws {
        var rest = settings[...]
        while let first = rest.first {
            let family = first.family
            let folder = try proc.openFolder("sys/net/\(family)")
            while let setting = rest.first, setting.family == family {
                try setting.write(in: folder)
                rest.removeFirst()
            }
        }
    }

    /// Reads a setting's value without its end of line, like `sysctl -n`.
    public static func read(_ name: String, in namespace: NetworkNamespace, on thread: NamespaceThread) throws -> String {
        try thread.run(in: namespace) {
            let path = root + name
            let file = try openFile(path, O_RDONLY)
            let raw = file.rawValue
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = try systemCall("read", path) { Glibc.read(raw, &buffer, buffer.count) }
            return String(decoding: buffer.prefix(count).prefix { $0 != 0x0a }, as: UTF8.self)
        }
    }

    private static let root = "/proc/sys/net/"

    /// `ipv4` or `ipv6`.
    private var family: String { String(name.prefix { $0 != "/" }) }

    private func write(in folder: borrowing FileDescriptor) throws {
        let path = KernelSetting.root + name
        let raw = openat(folder.rawValue, String(name.dropFirst(family.count + 1)), O_WRONLY | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        let file = FileDescriptor(owning: raw)
        // One write: the kernel takes each as a whole value.
        let bytes = Array((value + "\n").utf8)
        let descriptor = file.rawValue
        try systemCall("write '\(value)' to", path) { Glibc.write(descriptor, bytes, bytes.count) }
    }
}
