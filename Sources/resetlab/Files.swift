import Glibc
import LinuxKernel

/// Reads a file that the user has named.
///
/// - Throws: `CommandFailure` for bad input, with the reason.
func readFile(_ path: String) throws -> String {
    let raw = open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw CommandFailure(.badInput, "\(path): \(Errno.last.message)") }
    let descriptor = FileDescriptor(owning: raw)
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor.rawValue, &piece, piece.count)
        guard count >= 0 else { throw CommandFailure(.badInput, "\(path): \(Errno.last.message)") }
        if count == 0 { break }
        bytes += piece[..<count]
        guard bytes.count <= largestInput else { throw CommandFailure(.badInput, "\(path): larger than \(largestInput >> 20) MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw CommandFailure(.badInput, "\(path): not UTF-8 text") }
    return text
}

/// Far more than a thousand sites take.
private let largestInput = 16 << 20

/// - Throws: `CommandFailure` for bad input when no file can be made in the folder, or the file there is none to be replaced.
func checkWritable(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        throw CommandFailure(.badInput, "\(path) cannot be written: \(Errno(code: EISDIR).message)")
    }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    guard access(String(folder), W_OK | X_OK) == 0 else {
        throw CommandFailure(.badInput, "\(path) cannot be written: \(folder): \(Errno.last.message)")
    }
}

/// Writes a file whole or not at all: beside it first, then renamed onto it.
func write(_ bytes: [UInt8], to path: String) throws { try write([(path, bytes)]) }

/// Writes files that belong together: all of them beside their places first, then each renamed. Where one cannot be written, all are as they
/// were before.
///
/// - Throws: `CommandFailure`, naming the file. A file size limit is an error like any other: `main` has SIGXFSZ ignored.
func write(_ files: [(path: String, bytes: [UInt8])]) throws {
    func temporary(_ path: String) -> String { "\(path).\(getpid()).tmp" }
    do {
        for file in files { try writeThrough(file.bytes, to: temporary(file.path), for: file.path) }
        for file in files where rename(temporary(file.path), file.path) != 0 { throw unwritable(file.path, .last) }
    } catch {
        for file in files { unlink(temporary(file.path)) }
        throw error
    }
}

private func unwritable(_ path: String, _ error: Errno) -> CommandFailure {
    CommandFailure(.failed, "\(path) cannot be written: \(error.message); it is as it was before")
}

private func writeThrough(_ bytes: [UInt8], to temporary: String, for path: String) throws {
    let raw = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard raw >= 0 else { throw unwritable(path, .last) }
    let descriptor = FileDescriptor(owning: raw)
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor.rawValue, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            if Errno.last == .interrupted { continue }
            throw unwritable(path, .last)
        }
        written += count
    }
    guard fsync(descriptor.rawValue) == 0 else { throw unwritable(path, .last) }
}
