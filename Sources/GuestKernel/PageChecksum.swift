/// A fast 64-bit checksum over memory in pages, of which those with nothing but zeros do not count: so it does not matter which of them a file
/// has as holes. Against damage, not against malice.
///
/// Four lanes of multiply and rotate, as in XXH64, since it runs over some 100 MB before each restored run.
struct PageChecksum {
    static let pageSize = 4096

    private var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)

    /// - Parameters:
    ///   - page: `pageSize` bytes, aligned to 8.
    ///   - index: which page of the file it is.
    /// - Returns: whether the page counts: whether it has anything in it.
    @discardableResult
    mutating func add(_ page: UnsafeRawBufferPointer, at index: Int) -> Bool {
        guard !PageChecksum.isZero(page) else { return false }
        lanes.0 = Self.round(lanes.0, UInt64(truncatingIfNeeded: index))
        let words = page.bindMemory(to: UInt64.self)
        var (first, second, third, fourth) = lanes
        var word = 0
        while word + 3 < words.count {
            first = Self.round(first, words[word])
            second = Self.round(second, words[word + 1])
            third = Self.round(third, words[word + 2])
            fourth = Self.round(fourth, words[word + 3])
            word += 4
        }
        lanes = (first, second, third, fourth)
        return true
    }

    /// A number that goes with the pages.
    mutating func add(_ number: Int) { lanes.1 = Self.round(lanes.1, UInt64(truncatingIfNeeded: number)) }

    var value: UInt64 {
        [lanes.0, lanes.1, lanes.2, lanes.3].reduce(UInt64(0x27D4_EB2F_1656_67C5)) { Self.round($0 ^ ($0 >> 29), $1) }
    }

    private static func isZero(_ page: UnsafeRawBufferPointer) -> Bool {
        let words = page.bindMemory(to: UInt64.self)
        var word = 0
        // Most pages that are not zero show it at once.
        while word + 7 < words.count {
            let some =
                words[word] | words[word + 1] | words[word + 2] | words[word + 3] | words[word + 4] | words[word + 5] | words[word + 6]
                | words[word + 7]
            if some != 0 { return false }
            word += 8
        }
        return true
    }

    // XXH64's primes.
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        let mixed = lane &+ word &* 0xC2B2_AE3D_27D4_EB4F
        return (mixed << 31 | mixed >> 33) &* 0x9E37_79B1_85EB_CA87
    }
}
