import CNettle

/// A SHA-256 digest or an HMAC-SHA-256 tag: 32 bytes, compared in constant time.
public struct Digest: Sendable {
    /// In bytes.
    public static let size = Int(SHA256_DIGEST_SIZE)

    public let bytes: [UInt8]

    /// Fills the bytes by nettle's digest function.
    init(writtenBy write: (UnsafeMutablePointer<UInt8>) -> Void) {
        bytes = [UInt8](unsafeUninitializedCapacity: Digest.size) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            write(base)
            count = Digest.size
        }
    }
}

extension Digest: Hashable {
    public static func == (lhs: Digest, rhs: Digest) -> Bool { areEqualInConstantTime(lhs.bytes, rhs.bytes) }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Compares without telling by the time it takes where two secrets differ. The lengths are no secret.
public func areEqualInConstantTime(_ lhs: [UInt8], _ rhs: [UInt8]) -> Bool {
    lhs.count == rhs.count && nettle_memeql_sec(lhs, rhs, lhs.count) == 1
}
