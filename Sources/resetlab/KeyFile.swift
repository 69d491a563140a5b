import Glibc
import LinuxKernel

/// A file that this user alone can read, from the moment that it is there.
struct KeyFile {
    let path: String

    /// Replaces the file whole, or leaves it as it is. A link of that name is replaced and not followed.
    ///
    /// - Throws: `CommandFailure` when it cannot be written.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        var random = UInt64.random(in: 0 ... .max)
        // Exclusive: what somebody else has put there is neither followed nor taken over.
        var raw: Int32 = -1
        var temporary = ""
        for _ in 0..<8 where raw < 0 {
            temporary = "\(path).\(String(random, radix: 36)).tmp"
            raw = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if raw < 0, Errno.last != .exists { throw failure(.last) }
            random &+= 1
        }
        guard raw >= 0 else { throw failure(.exists) }
        let file = FileDescriptor(owning: raw)
        // Whatever the umask is.
        guard fchmod(file.rawValue, 0o600) == 0, writeAll(bytes, to: file.rawValue), fsync(file.rawValue) == 0,
            rename(temporary, path) == 0
        else {
            let error = Errno.last
            unlink(temporary)
            throw failure(error)
        }
    }

    private func failure(_ error: Errno) -> CommandFailure {
        CommandFailure(.failed, "\(path) cannot be written: \(error.message); it is as it was before")
    }
}
