import Hashing

/// IKEv2's prf and prf+ (RFC 7296 §2.13), with HMAC-SHA-256 whatever was negotiated.
enum PseudoRandomFunction {
    static func value(key: [UInt8], _ data: [UInt8]) -> [UInt8] { HMACSHA256.tag(of: data, key: key).bytes }

    /// T1 | T2 | … with T1 = prf(K, S | 0x01), T2 = prf(K, T1 | S | 0x02), …
    ///
    /// - Parameter count: in bytes; 255 blocks of 32 bytes at most, as the RFC has it.
    static func stream(key: [UInt8], seed: [UInt8], count: Int) -> [UInt8] {
        precondition(count <= 255 * Digest.size, "prf+ ends after 255 blocks")
        // The key is hashed once for all blocks.
        let keyed = HMACSHA256(key: key)
        var stream: [UInt8] = []
        stream.reserveCapacity(count + Digest.size)
        var block: [UInt8] = []
        var index: UInt8 = 1
        while stream.count < count {
            var code = keyed
            code.update(block)
            code.update(seed)
            code.update(CollectionOfOne(index))
            block = code.tag().bytes
            stream += block
            index &+= 1
        }
        return Array(stream.prefix(count))
    }
}
