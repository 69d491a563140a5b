/// What is needed of a 64-bit little-endian ELF file: sections by name, and the program loader's path (elf(5)).
struct ELFImage {
    private let bytes: [UInt8]

    /// nil when the bytes are no such file.
    init?(_ bytes: [UInt8]) {
        // 0x7F "ELF", 64-bit, little-endian.
        guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
        self.bytes = bytes
    }

    /// The program loader that a dynamically linked program asks for (PT_INTERP); nil for a static one.
    var interpreter: String? {
        guard let table = bytes.littleEndian(UInt64.self, at: 32), let size = bytes.littleEndian(UInt16.self, at: 54),
            let count = bytes.littleEndian(UInt16.self, at: 56)
        else { return nil }
        for index in 0..<UInt64(count) {
            guard let header = bytes.slice(at: table &+ index * UInt64(size), count: 56).map(Array.init) else { return nil }
            guard header.littleEndian(UInt32.self, at: 0) == 3, let offset = header.littleEndian(UInt64.self, at: 8),
                let length = header.littleEndian(UInt64.self, at: 32), let path = bytes.slice(at: offset, count: length)
            else { continue }
            return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        }
        return nil
    }

    /// A section's contents; nil when there is no such section, or when it lies outside of the file.
    func section(_ name: String) -> ArraySlice<UInt8>? {
        guard let names = header(at: bytes.littleEndian(UInt16.self, at: 62)), let strings = contents(names),
            let count = bytes.littleEndian(UInt16.self, at: 60)
        else { return nil }
        for index in 0..<count {
            guard let header = header(at: index), let offset = header.littleEndian(UInt32.self, at: 0) else { return nil }
            if strings.dropFirst(Int(offset)).prefix(while: { $0 != 0 }).elementsEqual(name.utf8) { return contents(header) }
        }
        return nil
    }

    private func header(at index: UInt16?) -> [UInt8]? {
        guard let index, let table = bytes.littleEndian(UInt64.self, at: 40), let size = bytes.littleEndian(UInt16.self, at: 58)
        else { return nil }
        return bytes.slice(at: table &+ UInt64(index) * UInt64(size), count: 64).map(Array.init)
    }

    private func contents(_ header: [UInt8]) -> ArraySlice<UInt8>? {
        guard let offset = header.littleEndian(UInt64.self, at: 24), let size = header.littleEndian(UInt64.self, at: 32) else { return nil }
        return bytes.slice(at: offset, count: size)
    }
}
