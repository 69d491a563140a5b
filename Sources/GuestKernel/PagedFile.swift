import CLinux
import Glibc
import LinuxKernel

/// Reading and writing a sparse file page by page.
enum PagedFile {
    private static let pageSize = PageChecksum.pageSize
    private static let pagesAtOnce = 256

    /// Hands over each page that is no hole, in order; some may have nothing but zeros in them.
    ///
    /// - Parameters:
    ///   - count: how many bytes from the beginning on are looked at, a multiple of a page.
    ///   - body: gets consecutive pages and the first one's index.
    static func forEachPiece(
        of descriptor: Int32, count: Int, named name: String, _ body: (UnsafeRawBufferPointer, _ first: Int) throws -> Void
    ) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pagesAtOnce * pageSize, alignment: pageSize)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < count {
            var end = 0
            let begin = linux_next_data(descriptor, offset, &end)
            guard begin >= 0, begin < count else { return }
            offset = begin / pageSize * pageSize
            let limit = min(count, (end + pageSize - 1) / pageSize * pageSize)
            while offset < limit {
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, limit - offset)])
                try read(descriptor, piece, at: offset, named: name)
                try body(UnsafeRawBufferPointer(piece), offset / pageSize)
                offset += piece.count
            }
        }
    }

    /// - Throws: `SystemCallError`, with ENODATA where the file ends before.
    static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, named name: String) throws {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
            if count < 0, errno == EINTR { continue }
            guard count != 0 else { throw SystemCallError("read", name, Errno(code: ENODATA)) }
            guard count > 0 else { throw SystemCallError("read", name, .last) }
            done += count
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, named name: String) throws {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemCallError("write", name, .last) }
            done += count
        }
    }
}
