import Glibc
import LinuxKernel

/// A guest that was booted once and saved at the template point: one file, which is opened once and never changed.
///
///     memory          as QEMU maps it, holes where it is zero
///     devices' state  QEMU's migration stream, up to a whole page
///     footer          a page: magic, size of the memory, size of the state, checksum, key
///
/// A file that QEMU maps while another process removes it from the cache stays whole until QEMU ends.
struct GuestTemplate: ~Copyable {
    /// Open for reading and writing: QEMU asks for both, although it maps it privately.
    let file: FileDescriptor
    let state: [UInt8]

    /// Why a file is none that can be used.
    struct Damage: Error, CustomStringConvertible {
        let description: String
    }

    private static let pageSize = PageChecksum.pageSize
    private static let magic = Array("RLTEMPL1".utf8)

    /// Reads all of it once: no run may come of a file that is not as it was written.
    ///
    /// - Parameters:
    ///   - memory: in MiB.
    ///   - key: `TemplateKey.name`.
    /// - Throws: `Damage`, or `SystemCallError` with ENOENT when there is none, EACCES or EROFS when it cannot be opened.
    init(path: String, memory: Int, key: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError("open", path, .last) }
        let file = FileDescriptor(owning: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCallError("fstat", path, .last) }
        let size = Int(status.st_size)
        let pages = memory << 20
        guard size > pages + Self.pageSize, size % Self.pageSize == 0 else {
            throw Damage(description: "\(path): found \(size) bytes, which is no template of \(memory) MiB")
        }
        let stateSize = size - pages - Self.pageSize
        var tail = [UInt8](repeating: 0, count: stateSize + Self.pageSize)
        try tail.withUnsafeMutableBytes { try PagedFile.read(descriptor, $0, at: pages, named: path) }
        let footer = Array(tail[stateSize...])
        guard footer.starts(with: Self.magic), footer.littleEndian(UInt64.self, at: 8) == UInt64(memory),
            let count = footer.littleEndian(UInt64.self, at: 16), count > 0, count <= UInt64(stateSize),
            footer == Self.footer(memory: memory, state: Int(count), checksum: footer.littleEndian(UInt64.self, at: 24) ?? 0, key: key)
        else {
            throw Damage(description: "\(path): its end is not that of the template that is wanted")
        }
        var checksum = PageChecksum()
        try PagedFile.forEachPiece(of: descriptor, count: pages + stateSize, named: path) { piece, first in
            Self.add(piece, first, to: &checksum)
        }
        checksum.add(Int(count))
        guard checksum.value == footer.littleEndian(UInt64.self, at: 24) else {
            throw Damage(description: "\(path): its checksum is wrong")
        }
        state = Array(tail[..<Int(count)])
        self.file = file
    }

    /// Writes a template into an empty file.
    ///
    /// - Parameters:
    ///   - memory: in MiB.
    ///   - source: the memory's descriptor.
    /// - Throws: `SystemCallError`, with ENOSPC on a full disk.
    static func write(to descriptor: Int32, named path: String, memory: Int, from source: Int32, state: [UInt8], key: String) throws {
        var checksum = PageChecksum()
        try PagedFile.forEachPiece(of: source, count: memory << 20, named: "the guest's memory") { piece, first in
            // Runs of pages that are not zero, each in one go.
            var begin: Int?
            func writeRun(until end: Int) throws {
                guard let start = begin else { return }
                begin = nil
                let run = UnsafeRawBufferPointer(rebasing: piece[start * pageSize..<end * pageSize])
                try PagedFile.write(run, to: descriptor, at: (first + start) * pageSize, named: path)
            }
            for page in 0..<piece.count / pageSize {
                if checksum.add(UnsafeRawBufferPointer(rebasing: piece[page * pageSize..<(page + 1) * pageSize]), at: first + page) {
                    begin = begin ?? page
                } else {
                    try writeRun(until: page)
                }
            }
            try writeRun(until: piece.count / pageSize)
        }
        let pages = memory << 20
        let padded = state + [UInt8](repeating: 0, count: (pageSize - state.count % pageSize) % pageSize)
        let aligned = UnsafeMutableRawBufferPointer.allocate(byteCount: padded.count, alignment: pageSize)
        defer { aligned.deallocate() }
        aligned.copyBytes(from: padded)
        add(UnsafeRawBufferPointer(aligned), pages / pageSize, to: &checksum)
        checksum.add(state.count)
        let footer = footer(memory: memory, state: state.count, checksum: checksum.value, key: key)
        try (padded + footer).withUnsafeBytes { try PagedFile.write($0, to: descriptor, at: pages, named: path) }
    }

    private static func add(_ piece: UnsafeRawBufferPointer, _ first: Int, to checksum: inout PageChecksum) {
        for page in 0..<piece.count / pageSize {
            checksum.add(UnsafeRawBufferPointer(rebasing: piece[page * pageSize..<(page + 1) * pageSize]), at: first + page)
        }
    }

    private static func footer(memory: Int, state: Int, checksum: UInt64, key: String) -> [UInt8] {
        var page = magic
        for word in [UInt64(memory), UInt64(state), checksum] { page += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        page += key.utf8
        return page + [UInt8](repeating: 0, count: pageSize - page.count)
    }
}
