/// How ESP protects an SA's packets, with the keys for it.
public enum ESPTransform: Equatable, Sendable {
    /// One algorithm that encrypts and authenticates.
    ///
    /// - Parameters:
    ///   - key: the key followed by its salt (4 bytes for GCM, RFC 4106 §8.1).
    ///   - icvBits: the length of the integrity check value on the wire.
    case aead(AEADAlgorithm, key: KeyMaterial, icvBits: UInt32)
    /// Encryption, then a keyed hash over the result.
    ///
    /// - Parameter icvBits: what is left of the hash on the wire.
    case separate(EncryptionAlgorithm, key: KeyMaterial, integrity: IntegrityAlgorithm, integrityKey: KeyMaterial, icvBits: UInt32)
}

/// An algorithm that encrypts and authenticates, by the name the kernel's crypto API has for it.
public struct AEADAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// AES in Galois/counter mode as RFC 4106 uses it.
    public static let gcm = AEADAlgorithm(rawValue: "rfc4106(gcm(aes))")
}

/// A cipher, by the name the kernel's crypto API has for it.
public struct EncryptionAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// AES in cipher block chaining mode (RFC 3602).
    public static let cbc = EncryptionAlgorithm(rawValue: "cbc(aes)")
}

/// A keyed hash, by the name the kernel's crypto API has for it.
public struct IntegrityAlgorithm: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// No check at all; never to be asked for, but there may be SAs of others without.
    public static let none = IntegrityAlgorithm(rawValue: "digest_null")
    /// RFC 2404.
    public static let sha1 = IntegrityAlgorithm(rawValue: "hmac(sha1)")
    /// RFC 4868.
    public static let sha256 = IntegrityAlgorithm(rawValue: "hmac(sha256)")
    /// RFC 4868.
    public static let sha384 = IntegrityAlgorithm(rawValue: "hmac(sha384)")
}
