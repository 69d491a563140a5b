import CNettle

/// HMAC-SHA-256 (RFC 2104, RFC 4231), at once or piece by piece.
public struct HMACSHA256: Sendable {
    private var context = hmac_sha256_ctx()

    /// - Parameter key: of any length; one over 64 bytes is hashed first, as the RFC has it.
    public init(key: [UInt8]) { nettle_hmac_sha256_set_key(&context, key.count, key) }

    public mutating func update(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { nettle_hmac_sha256_update(&context, $0.count, $0.baseAddress) }
        if isDone == nil { update(Array(bytes)) }
    }

    /// The tag of what was added so far. More can be added afterwards.
    public func tag() -> Digest {
        var context = context
        return Digest { nettle_hmac_sha256_digest(&context, Digest.size, $0) }
    }

    public static func tag(of bytes: some Collection<UInt8>, key: [UInt8]) -> Digest {
        var code = HMACSHA256(key: key)
        code.update(bytes)
        return code.tag()
    }
}
