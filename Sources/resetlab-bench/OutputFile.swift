import Glibc
import LinuxKernel

/// A file that is written whole.
enum OutputFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        let raw = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard raw >= 0 else { throw SystemCallError("create", path, .last) }
        let descriptor = FileDescriptor(owning: raw)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor.rawValue, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SystemCallError("write", path, .last) }
            written += count
        }
    }
}
