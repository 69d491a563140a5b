import CNettle

/// SHA-256 (FIPS 180-4), at once or piece by piece.
public struct SHA256: Sendable {
    private var context = sha256_ctx()

    public init() { nettle_sha256_init(&context) }

    public mutating func update(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { nettle_sha256_update(&context, $0.count, $0.baseAddress) }
        if isDone == nil { update(Array(bytes)) }
    }

    /// The digest of what was added so far. More can be added afterwards.
    public func digest() -> Digest {
        // nettle starts its context anew after it has written the digest, so it gets a copy.
        var context = context
        return Digest { nettle_sha256_digest(&context, Digest.size, $0) }
    }

    public static func digest(of bytes: some Collection<UInt8>) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.digest()
    }
}
