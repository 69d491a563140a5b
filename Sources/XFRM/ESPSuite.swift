/// A choice of algorithms and key lengths, before there are keys.
public enum ESPSuite: Hashable, Sendable {
    public enum AESKey: Int, Sendable, CaseIterable {
        case bits128 = 128
        case bits192 = 192
        case bits256 = 256

        fileprivate var byteCount: Int { rawValue / 8 }
    }

    public enum Hash: Sendable, CaseIterable {
        /// Cut to 96 bits (RFC 2404).
        case sha1
        /// Cut to 128 bits (RFC 4868). The kernel's own default is 96, of a draft before it.
        case sha256
        /// Cut to 192 bits (RFC 4868).
        case sha384

        fileprivate var byteCount: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha384: 48
            }
        }

        fileprivate var icvBits: UInt32 {
            switch self {
            case .sha1: 96
            case .sha256: 128
            case .sha384: 192
            }
        }

        fileprivate var algorithm: IntegrityAlgorithm {
            switch self {
            case .sha1: .sha1
            case .sha256: .sha256
            case .sha384: .sha384
            }
        }
    }

    /// AES-GCM with a check value of 16 bytes.
    case gcm(AESKey)
    case cbc(AESKey, Hash)

    /// RFC 4106 §8.1.
    private static let saltLength = 4

    /// How many bytes of keying material an SA takes.
    public var keyMaterialLength: Int {
        switch self {
        case .gcm(let key): key.byteCount + Self.saltLength
        case .cbc(let key, let hash): key.byteCount + hash.byteCount
        }
    }

    /// Cuts keying material into keys in the order of RFC 7296 §2.17: encryption (with its salt), then integrity.
    ///
    /// - Returns: nil unless there are exactly ``keyMaterialLength`` bytes.
    public func transform(keyMaterial: KeyMaterial) -> ESPTransform? {
        guard keyMaterial.count == keyMaterialLength else { return nil }
        switch self {
        case .gcm: return .aead(.gcm, key: keyMaterial, icvBits: 128)
        case .cbc(let key, let hash):
            return keyMaterial.withUnsafeBytes { bytes in
                .separate(
                    .cbc, key: KeyMaterial(bytes.prefix(key.byteCount)), integrity: hash.algorithm,
                    integrityKey: KeyMaterial(bytes.dropFirst(key.byteCount)), icvBits: hash.icvBits)
            }
        }
    }
}
