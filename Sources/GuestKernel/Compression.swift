import Processes

/// A compression that distributions use for kernels and modules, undone by its own tool.
enum Compression: CaseIterable, Sendable {
    case zstd, lz4Legacy, lz4, xz, gzip

    /// What the compressed bytes begin with.
    var magic: [UInt8] {
        switch self {
        case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
        case .lz4Legacy: [0x02, 0x21, 0x4C, 0x18]
        case .lz4: [0x04, 0x22, 0x4D, 0x18]
        case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
        case .gzip: [0x1F, 0x8B, 0x08]
        }
    }

    var program: String {
        switch self {
        case .zstd: "zstd"
        case .lz4Legacy, .lz4: "lz4"
        case .xz: "xz"
        case .gzip: "gzip"
        }
    }

    /// The Debian package that has the program.
    var package: String { self == .xz ? "xz-utils" : program }

    /// The compression of the bytes, by how they begin; nil when they are not compressed.
    init?(of bytes: some Collection<UInt8>) {
        guard let compression = Compression.allCases.first(where: { bytes.starts(with: $0.magic) }) else { return nil }
        self = compression
    }

    /// - Throws: `GuestKernelError.toolMissing`, or `ProcessError` when the tool finds the bytes damaged.
    func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
        guard ExecutableLookup.path(of: program) != nil else {
            throw GuestKernelError.toolMissing(program: program, package: package)
        }
        let input = try MemoryFile(name: "compressed", contents: [bytes])
        return try Command(program, ["-d", "-c", "-q"]).runToEnd(input: input.descriptor.rawValue).checked().output
    }
}
