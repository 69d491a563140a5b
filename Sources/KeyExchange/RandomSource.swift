import Hashing

/// Where a key exchange takes nonces, public values and SPIs from.
public protocol RandomSource {
    mutating func bytes(_ count: Int) -> [UInt8]
}

extension RandomSource {
    mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(as type: Integer.Type) -> Integer {
        bytes(MemoryLayout<Integer>.size).reduce(0) { $0 << 8 | Integer($1) }
    }
}

/// The same bytes for the same seed and label, on every machine: HMAC-SHA-256 in counter mode, the seed as its key.
///
/// For labs in virtual time, whose runs must repeat byte for byte. Whoever knows the seed knows the bytes.
public struct SeededRandom: RandomSource, Sendable {
    private let generator: HMACSHA256
    private var counter: UInt64 = 0
    private var pending: ArraySlice<UInt8> = []

    /// - Parameter label: what the bytes are for; sources of one seed with different labels have nothing in common.
    public init(seed: UInt64, label: String) {
        var generator = HMACSHA256(key: seed.bigEndianBytes)
        generator.update(UInt64(label.utf8.count).bigEndianBytes)
        generator.update(Array(label.utf8))
        self.generator = generator
    }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if pending.isEmpty {
                var block = generator
                block.update(counter.bigEndianBytes)
                counter += 1
                pending = block.tag().bytes[...]
            }
            let piece = pending.prefix(count - bytes.count)
            bytes += piece
            pending = pending.dropFirst(piece.count)
        }
        return bytes
    }
}

/// The kernel's random bytes (getrandom(2)), for labs in real time.
public struct KernelRandom: RandomSource, Sendable {
    // The standard library's generator is getrandom(2) on Linux, with its retries and its early-boot case taken care of.
    private var generator = SystemRandomNumberGenerator()

    public init() {}

    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += generator.next().bigEndianBytes.prefix(count - bytes.count) }
        return bytes
    }
}
