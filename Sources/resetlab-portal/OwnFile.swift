import Glibc

/// Files that the server writes.
enum OwnFile {
    /// Writes a file under another name first: nobody finds half of one, and where it cannot be written it is as it was.
    ///
    /// - Throws: `PortalFailure` for bad input.
    static func write(_ text: String, to path: String, mode: mode_t) throws {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unwritable(path) }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let failure = unwritable(path)
            unlink(temporary)
            throw failure
        }
    }

    private static func unwritable(_ path: String) -> PortalFailure {
        PortalFailure(.badInput, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
