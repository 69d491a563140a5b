import Hashing
import Testing

@Suite struct HashingTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256(text: String, repetitions: Int, digest: String) {
        #expect(SHA256.digest(of: Array(String(repeating: text, count: repetitions).utf8)).description == digest)
    }

    @Test func piecesGiveTheDigestOfTheWhole() {
        let whole = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        var hash = SHA256()
        hash.update(whole[..<7])
        hash.update(whole[7..<600].lazy.map { $0 })
        let early = hash.digest()
        hash.update(whole[600...])
        #expect(early == SHA256.digest(of: whole[..<600]))
        #expect(hash.digest() == SHA256.digest(of: whole))
        #expect(hash.digest() != early)
    }

    @Test func copiesAreIndependent() {
        var one = SHA256()
        one.update([1])
        var other = one
        other.update([2])
        #expect(one.digest() == SHA256.digest(of: [1]))
        #expect(other.digest() == SHA256.digest(of: [1, 2]))
    }

    /// RFC 4231 §4.2, §4.3, §4.7.
    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmac(key: [UInt8], text: String, tag: String) {
        #expect(HMACSHA256.tag(of: Array(text.utf8), key: key).description == tag)
        var pieces = HMACSHA256(key: key)
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.tag().description == tag)
    }

    @Test func anEmptyKeyIsAKey() {
        #expect(HMACSHA256.tag(of: [UInt8](), key: []).bytes.count == Digest.size)
    }

    @Test func comparison() {
        #expect(areEqualInConstantTime([], []))
        #expect(areEqualInConstantTime([1, 2], [1, 2]))
        #expect(!areEqualInConstantTime([1, 2], [1, 3]))
        #expect(!areEqualInConstantTime([1, 2], [1, 2, 3]))
    }
}
