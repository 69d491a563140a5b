import Testing

@testable import KeyExchange

@Suite struct RandomSourceTests {
    /// HMAC-SHA-256(seed, length of label | label | counter), computed apart from this code.
    @Test func seededBytesAreTheSameForEver() {
        var random = SeededRandom(seed: 1, label: "gateway-0")
        #expect(
            random.bytes(40) == bytes("55402e1b2d251163c7db7cad0ca5d0a4b525bb24cb49985e0d2fa2a0c5f42034 0a2f5394e5553d71"))
    }

    @Test func seededBytesDoNotDependOnTheSizesAskedFor() {
        var whole = SeededRandom(seed: 7, label: "x")
        var pieces = whole
        #expect(pieces.bytes(1) + pieces.bytes(0) + pieces.bytes(50) + pieces.bytes(49) == whole.bytes(100))
    }

    @Test func seedAndLabelMatter() {
        var sources = [SeededRandom(seed: 1, label: "a"), SeededRandom(seed: 1, label: "b"), SeededRandom(seed: 2, label: "a")]
        #expect(Set(sources.indices.map { sources[$0].bytes(16) }).count == 3)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 256]) func kernelBytes(count: Int) {
        var random = KernelRandom()
        let first = random.bytes(count)
        #expect(first.count == count)
        if count > 6 { #expect(first != random.bytes(count)) }
    }

    private struct Constant: RandomSource {
        var byte: UInt8
        mutating func bytes(_ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }
    }

    /// Also from a source that never gives anything else.
    @Test(arguments: [UInt8(0), 1, 0xff]) func identifiersAreAllowedValues(byte: UInt8) {
        var random = Constant(byte: byte)
        #expect(ChildSPI(from: &random).rawValue >= 256)
        #expect(IKESPI(from: &random) != .none)
    }
}
