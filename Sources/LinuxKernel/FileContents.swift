import Glibc

/// A file that is read whole, also one of `/proc`, whose size nobody tells.
package enum FileContents {
    /// - Throws: `SystemCallError` of open(2) or read(2).
    package static func read(_ path: String) throws -> [UInt8] {
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

    /// Likewise, as text.
    package static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }
}
