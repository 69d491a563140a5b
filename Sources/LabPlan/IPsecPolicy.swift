/// The algorithms and lifetimes one side of a connection accepts, in the real service's own terms.
///
/// Values as the management API spells them (virtualNetworkGatewayConnection, `ipsecPolicies[]`). Those that no kernel should be asked for
/// (DES, MD5) are left out on purpose, and `None` as an ESP encryption with them.
public struct IPsecPolicy: Codable, Sendable, Equatable, Hashable {
    public enum IKEEncryption: String, Codable, Sendable, CaseIterable {
        case aes128 = "AES128"
        case aes192 = "AES192"
        case aes256 = "AES256"
        case gcmAES128 = "GCMAES128"
        case gcmAES256 = "GCMAES256"
    }

    public enum IKEIntegrity: String, Codable, Sendable, CaseIterable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha384 = "SHA384"
        case gcmAES128 = "GCMAES128"
        case gcmAES256 = "GCMAES256"
    }

    public enum DHGroup: String, Codable, Sendable, CaseIterable {
        case none = "None"
        case group1 = "DHGroup1"
        case group2 = "DHGroup2"
        case group14 = "DHGroup14"
        case group2048 = "DHGroup2048"
        case ecp256 = "ECP256"
        case ecp384 = "ECP384"
        case group24 = "DHGroup24"
    }

    public enum Encryption: String, Codable, Sendable, CaseIterable {
        case aes128 = "AES128"
        case aes192 = "AES192"
        case aes256 = "AES256"
        case gcmAES128 = "GCMAES128"
        case gcmAES192 = "GCMAES192"
        case gcmAES256 = "GCMAES256"

        /// Whether the cipher authenticates by itself (RFC 4106), so that the integrity algorithm must name the same cipher.
        public var isAEAD: Bool { rawValue.hasPrefix("GCM") }
    }

    public enum Integrity: String, Codable, Sendable, CaseIterable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case gcmAES128 = "GCMAES128"
        case gcmAES192 = "GCMAES192"
        case gcmAES256 = "GCMAES256"
    }

    public enum PFSGroup: String, Codable, Sendable, CaseIterable {
        case none = "None"
        case pfs1 = "PFS1"
        case pfs2 = "PFS2"
        case pfs2048 = "PFS2048"
        case ecp256 = "ECP256"
        case ecp384 = "ECP384"
        case pfs24 = "PFS24"
        case pfs14 = "PFS14"
        case pfsMM = "PFSMM"
    }

    public var ikeEncryption: IKEEncryption
    public var ikeIntegrity: IKEIntegrity
    public var dhGroup: DHGroup
    public var encryption: Encryption
    public var integrity: Integrity
    public var pfsGroup: PFSGroup
    /// How long a child SA may live; 300 s at least.
    public var lifetime: Duration
    /// How many kilobytes a child SA may carry; 1,024 at least.
    public var lifetimeKilobytes: UInt64

    public init(
        ikeEncryption: IKEEncryption, ikeIntegrity: IKEIntegrity, dhGroup: DHGroup, encryption: Encryption, integrity: Integrity,
        pfsGroup: PFSGroup, lifetime: Duration, lifetimeKilobytes: UInt64
    ) {
        self.ikeEncryption = ikeEncryption
        self.ikeIntegrity = ikeIntegrity
        self.dhGroup = dhGroup
        self.encryption = encryption
        self.integrity = integrity
        self.pfsGroup = pfsGroup
        self.lifetime = lifetime
        self.lifetimeKilobytes = lifetimeKilobytes
    }

    /// The first offer of a route-based gateway: GCM-AES256, DH group 2, no PFS, 27,000 s or 102,400,000 KB (about-vpn-devices, 2025).
    public static let routeBasedDefault = IPsecPolicy(
        ikeEncryption: .aes256, ikeIntegrity: .sha256, dhGroup: .group2, encryption: .gcmAES256, integrity: .gcmAES256, pfsGroup: .none,
        lifetime: .seconds(27_000), lifetimeKilobytes: 102_400_000)
}

/// A pre-shared key. It cannot be printed or interpolated by accident, and only the plan on its way to the agent carries it.
public struct PreSharedKey: Sendable, Codable {
    /// The key's characters as bytes. The one way to the secret.
    public let secret: [UInt8]

    public init(secret: some Sequence<UInt8>) { self.secret = Array(secret) }

    public init(from decoder: any Decoder) throws {
        secret = try decoder.singleValueContainer().decode([UInt8].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secret)
    }
}

extension PreSharedKey: Equatable {
    /// Takes the same time wherever two keys of one length differ.
    public static func == (lhs: PreSharedKey, rhs: PreSharedKey) -> Bool { isSameSecret(lhs.secret, rhs.secret) }
}

extension PreSharedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(pre-shared key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
