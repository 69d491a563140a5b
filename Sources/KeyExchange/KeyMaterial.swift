import Hashing
import LabPlan

/// Secret bytes. They cannot be printed, interpolated or encoded by accident, and compare in constant time.
public struct KeyMaterial: Sendable {
    /// The one way to the secret.
    public let secretBytes: [UInt8]

    public init(secretBytes: some Sequence<UInt8>) { self.secretBytes = Array(secretBytes) }

    /// In bytes.
    public var count: Int { secretBytes.count }
}

extension KeyMaterial: Equatable {
    public static func == (lhs: KeyMaterial, rhs: KeyMaterial) -> Bool { areEqualInConstantTime(lhs.secretBytes, rhs.secretBytes) }
}

extension KeyMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(\(count)-byte key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The keys of one direction's ESP SA.
public struct DirectionKeys: Sendable, Equatable {
    /// Of a GCM cipher: the key, then the salt of 4 bytes (RFC 4106 §8.1), as the kernel's `rfc4106(gcm(aes))` takes it.
    public let encryption: KeyMaterial
    /// nil for a GCM cipher.
    public let integrity: KeyMaterial?

    public init(encryption: KeyMaterial, integrity: KeyMaterial?) {
        self.encryption = encryption
        self.integrity = integrity
    }
}

/// The keys of both ESP SAs of a connection.
public struct ChildKeys: Sendable, Equatable {
    public let initiatorToResponder: DirectionKeys
    public let responderToInitiator: DirectionKeys

    /// Cuts the key material in RFC 7296 §2.17's order: the initiator's direction first, encryption before integrity.
    init(policy: IPsecPolicy, keyMaterial: (_ count: Int) -> [UInt8]) {
        let encryptionSize = policy.encryption.keyMaterialSize
        let integritySize = policy.encryption.isAEAD ? 0 : policy.integrity.keySize
        let size = encryptionSize + integritySize
        let bytes = keyMaterial(2 * size)
        func direction(_ bytes: ArraySlice<UInt8>) -> DirectionKeys {
            DirectionKeys(
                encryption: KeyMaterial(secretBytes: bytes.prefix(encryptionSize)),
                integrity: integritySize == 0 ? nil : KeyMaterial(secretBytes: bytes.dropFirst(encryptionSize)))
        }
        initiatorToResponder = direction(bytes.prefix(size))
        responderToInitiator = direction(bytes.dropFirst(size))
    }
}
