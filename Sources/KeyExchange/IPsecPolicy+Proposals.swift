import LabPlan

// The policy's terms as numbers of IANA's "Internet Key Exchange Version 2 (IKEv2) Parameters".

extension IPsecPolicy {
    /// What this side offers for the IKE SA, or insists on.
    var ikeTransforms: [Transform] {
        let encryption = Transform(.encryption, ikeEncryption.identifier, keyLength: ikeEncryption.keyLength)
        let function = Transform(.pseudoRandomFunction, ikeIntegrity.pseudoRandomFunction)
        let group = Transform(.diffieHellmanGroup, dhGroup.number)
        // A combined-mode cipher is offered without an integrity algorithm (RFC 7296 §3.3).
        guard !ikeEncryption.isAEAD, let integrity = ikeIntegrity.identifier else { return [encryption, function, group] }
        return [encryption, function, Transform(.integrity, integrity), group]
    }

    /// What this side offers for the ESP SAs, or insists on. No group: the first child SA takes the IKE SA's secret (RFC 7296 §1.2).
    var childTransforms: [Transform] {
        let encryption = Transform(.encryption, encryption.identifier, keyLength: encryption.keyLength)
        let shortSequenceNumbers = Transform(.extendedSequenceNumbers, 0)
        guard !self.encryption.isAEAD, let integrity = integrity.identifier else { return [encryption, shortSequenceNumbers] }
        return [encryption, Transform(.integrity, integrity), shortSequenceNumbers]
    }

    /// What this side offers for the ESP SAs of a rekeying, or insists on: with the group of perfect forward secrecy, if it has one.
    var rekeyTransforms: [Transform] {
        let group = pfsGroupNumber
        return childTransforms + (group == 0 ? [] : [Transform(.diffieHellmanGroup, group)])
    }

    /// The Diffie-Hellman group of this side's rekeying exchanges; 0 for none.
    var pfsGroupNumber: UInt16 {
        switch pfsGroup {
        case .none: 0
        case .pfs1: 1
        case .pfs2: 2
        case .pfs14, .pfs2048: 14
        case .ecp256: 19
        case .ecp384: 20
        case .pfs24: 24
        case .pfsMM: dhGroup.number
        }
    }

    /// In bytes, as `DHGroup.publicValueSize`; 0 without a group.
    var pfsPublicValueSize: Int {
        switch pfsGroup {
        case .none: 0
        case .pfs1: IPsecPolicy.DHGroup.group1.publicValueSize
        case .pfs2: IPsecPolicy.DHGroup.group2.publicValueSize
        case .pfs14, .pfs2048: IPsecPolicy.DHGroup.group14.publicValueSize
        case .ecp256: IPsecPolicy.DHGroup.ecp256.publicValueSize
        case .ecp384: IPsecPolicy.DHGroup.ecp384.publicValueSize
        case .pfs24: IPsecPolicy.DHGroup.group24.publicValueSize
        case .pfsMM: dhGroup.publicValueSize
        }
    }
}

private let aesCBC: UInt16 = 12
private let aesGCM16: UInt16 = 20

extension IPsecPolicy.IKEEncryption {
    fileprivate var isAEAD: Bool { self == .gcmAES128 || self == .gcmAES256 }
    fileprivate var identifier: UInt16 { isAEAD ? aesGCM16 : aesCBC }

    /// In bits.
    fileprivate var keyLength: UInt16 {
        switch self {
        case .aes128, .gcmAES128: 128
        case .aes192: 192
        case .aes256, .gcmAES256: 256
        }
    }
}

extension IPsecPolicy.IKEIntegrity {
    /// nil for the names of ciphers, which authenticate by themselves.
    fileprivate var identifier: UInt16? {
        switch self {
        case .sha1: 2  // AUTH_HMAC_SHA1_96
        case .sha256: 12  // AUTH_HMAC_SHA2_256_128
        case .sha384: 13  // AUTH_HMAC_SHA2_384_192
        case .gcmAES128, .gcmAES256: nil
        }
    }

    /// The policy names none of its own: the integrity algorithm's hash, and SHA-2 of a fitting size where that is a cipher.
    fileprivate var pseudoRandomFunction: UInt16 {
        switch self {
        case .sha1: 2  // PRF_HMAC_SHA1
        case .sha256, .gcmAES128: 5  // PRF_HMAC_SHA2_256
        case .sha384, .gcmAES256: 6  // PRF_HMAC_SHA2_384
        }
    }
}

extension IPsecPolicy.DHGroup {
    /// IKEv2 cannot do without a group, so `None` leaves it at the gateway's default, group 2.
    var number: UInt16 {
        switch self {
        case .group1: 1
        case .none, .group2: 2
        case .group14, .group2048: 14
        case .ecp256: 19
        case .ecp384: 20
        case .group24: 24
        }
    }

    /// In bytes: a MODP group's prime (RFC 7296 §3.4), or both coordinates of a point (RFC 5903 §7, §8).
    var publicValueSize: Int {
        switch self {
        case .group1: 96
        case .none, .group2: 128
        case .group14, .group2048, .group24: 256
        case .ecp256: 64
        case .ecp384: 96
        }
    }
}

extension IPsecPolicy.Encryption {
    fileprivate var identifier: UInt16 { isAEAD ? aesGCM16 : aesCBC }

    /// In bits.
    fileprivate var keyLength: UInt16 {
        switch self {
        case .aes128, .gcmAES128: 128
        case .aes192, .gcmAES192: 192
        case .aes256, .gcmAES256: 256
        }
    }

    /// In bytes; a salt of 4 bytes belongs to a GCM cipher's (RFC 4106 §8.1).
    var keyMaterialSize: Int { Int(keyLength) / 8 + (isAEAD ? 4 : 0) }
}

extension IPsecPolicy.Integrity {
    /// nil for the names of ciphers, which authenticate by themselves.
    fileprivate var identifier: UInt16? {
        switch self {
        case .sha1: 2
        case .sha256: 12
        case .gcmAES128, .gcmAES192, .gcmAES256: nil
        }
    }

    /// In bytes.
    var keySize: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .gcmAES128, .gcmAES192, .gcmAES256: 0
        }
    }
}
