import Glibc
import LinuxKernel

/// One of `/proc/net`'s counter files, opened in a namespace: it stays the one of that namespace.
final class CounterFile: Sendable {
    /// The files, in the order in which they are read.
    enum Kind: String, CaseIterable {
        case protocols = "snmp"
        case extensions = "netstat"
        case protocols6 = "snmp6"
        case security = "xfrm_stat"

        fileprivate var form: CounterText.Form {
            switch self {
            case .protocols, .extensions: .tables
            case .protocols6, .security: .list
            }
        }
    }

    let path: String
    let kind: Kind
    var form: CounterText.Form { kind.form }
    private let descriptor: FileDescriptor

    private init(_ path: String, _ kind: Kind, _ descriptor: consuming FileDescriptor) {
        self.path = path
        self.kind = kind
        self.descriptor = descriptor
    }

    /// Opens all of them. One that the kernel lacks (`snmp6` without IPv6, `xfrm_stat` without its statistics) is left out.
    static func openAll(of namespace: NetworkNamespace, on thread: NamespaceThread) throws -> [CounterFile] {
        try thread.run(in: namespace) {
            var files: [CounterFile] = []
            for kind in Kind.allCases {
                // Not /proc/net, which is the namespace of the process's first thread.
                let path = "/proc/thread-self/net/" + kind.rawValue
                let raw = open(path, O_RDONLY | O_CLOEXEC)
                if raw >= 0 {
                    files.append(CounterFile(path, kind, FileDescriptor(owning: raw)))
                } else if case let errno = Errno.last, errno != .noSuchEntry {
                    throw SystemCallError("open", "\(path) in \(namespace.label)", errno)
                }
            }
            return files
        }
    }

    /// Reads the file from its beginning, for which the kernel makes its text anew; the buffer grows as needed.
    ///
    /// - Returns: the text's length in bytes.
    func read(into text: inout [UInt8]) throws -> Int {
        var count = 0
        while true {
            let read = text.withUnsafeMutableBytes {
                pread(descriptor.rawValue, $0.baseAddress! + count, $0.count - count, off_t(count))
            }
            if read < 0 {
                if Errno.last == .interrupted { continue }
                throw SystemCallError("read", path, .last)
            }
            if read == 0 { return count }
            count += read
            if count == text.count { text += [UInt8](repeating: 0, count: text.count) }
        }
    }
}
