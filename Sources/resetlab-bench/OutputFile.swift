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

/// A file that is read whole.
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
