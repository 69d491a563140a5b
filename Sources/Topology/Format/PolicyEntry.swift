import LabPlan

/// An IPsec/IKE policy, as far as it is written.
struct PolicyEntry: Sendable {
    var ikeEncryption: Written<IPsecPolicy.IKEEncryption>?
    var ikeIntegrity: Written<IPsecPolicy.IKEIntegrity>?
    var dhGroup: Written<IPsecPolicy.DHGroup>?
    var encryption: Written<IPsecPolicy.Encryption>?
    var integrity: Written<IPsecPolicy.Integrity>?
    var pfsGroup: Written<IPsecPolicy.PFSGroup>?
    var lifetime: Written<Int>?
    var lifetimeKilobytes: Written<Int>?

    /// Everything that is not written here is taken from `defaults`.
    func over(_ defaults: PolicyEntry?) -> PolicyEntry {
        PolicyEntry(
            ikeEncryption: ikeEncryption ?? defaults?.ikeEncryption, ikeIntegrity: ikeIntegrity ?? defaults?.ikeIntegrity,
            dhGroup: dhGroup ?? defaults?.dhGroup, encryption: encryption ?? defaults?.encryption,
            integrity: integrity ?? defaults?.integrity, pfsGroup: pfsGroup ?? defaults?.pfsGroup, lifetime: lifetime ?? defaults?.lifetime,
            lifetimeKilobytes: lifetimeKilobytes ?? defaults?.lifetimeKilobytes)
    }

    /// The policy, with a route-based gateway's own values for what is not written.
    var policy: IPsecPolicy {
        let defaults = IPsecPolicy.routeBasedDefault
        return IPsecPolicy(
            ikeEncryption: ikeEncryption?.value ?? defaults.ikeEncryption, ikeIntegrity: ikeIntegrity?.value ?? defaults.ikeIntegrity,
            dhGroup: dhGroup?.value ?? defaults.dhGroup, encryption: encryption?.value ?? defaults.encryption,
            integrity: integrity?.value ?? defaults.integrity, pfsGroup: pfsGroup?.value ?? defaults.pfsGroup,
            lifetime: lifetime.map { .seconds($0.value) } ?? defaults.lifetime,
            lifetimeKilobytes: lifetimeKilobytes.map { UInt64($0.value) } ?? defaults.lifetimeKilobytes)
    }
}

extension PolicyEntry {
    private static let tooWeak = "which the service knows, but which is broken and not supported here"
    private static let weakCiphers = ["DES": tooWeak, "DES3": tooWeak]
    private static let noEncryption = ["None": "which would send the packets in clear and is not supported here"]
    private static let weakHash = ["MD5": tooWeak]

    static let ikeEncryption = Key.optional(
        "ikeEncryption", .choice(IPsecPolicy.IKEEncryption.self, unsupported: weakCiphers), "The IKE SA's cipher. Default: AES256.")
    static let ikeIntegrity = Key.optional(
        "ikeIntegrity", .choice(IPsecPolicy.IKEIntegrity.self, unsupported: weakHash),
        "The IKE SA's integrity algorithm and pseudo-random function. Default: SHA256.")
    static let dhGroup = Key.optional("dhGroup", .choice(IPsecPolicy.DHGroup.self), "The IKE SA's Diffie-Hellman group. Default: DHGroup2.")
    static let encryption = Key.optional(
        "ipsecEncryption",
        .choice(IPsecPolicy.Encryption.self, unsupported: weakCiphers.merging(noEncryption) { first, _ in first }),
        "The child SA's cipher. Default: GCMAES256.")
    static let integrity = Key.optional(
        "ipsecIntegrity", .choice(IPsecPolicy.Integrity.self, unsupported: weakHash),
        "The child SA's integrity algorithm; with a GCM cipher that cipher itself. Default: GCMAES256.")
    static let pfsGroup = Key.optional(
        "pfsGroup", .choice(IPsecPolicy.PFSGroup.self), "The child SA's own Diffie-Hellman group. Default: None.")
    static let lifetime = Key.optional(
        "saLifeTimeSeconds", .integer(300...Int(Int32.max)), "How many seconds a child SA may live. Default: 27000.")
    static let lifetimeKilobytes = Key.optional(
        "saDataSizeKilobytes", .integer(1_024...Int(Int32.max)), "How many kilobytes a child SA may carry. Default: 102400000.")

    static let form = Form<PolicyEntry>.mapping(
        "policy",
        "An IPsec/IKE policy in the words of the management API (ipsecPolicies). Keys left out have a route-based gateway's values.",
        keys: [ikeEncryption, ikeIntegrity, dhGroup, encryption, integrity, pfsGroup, lifetime, lifetimeKilobytes]
    ) {
        PolicyEntry(
            ikeEncryption: $0.written(ikeEncryption), ikeIntegrity: $0.written(ikeIntegrity), dhGroup: $0.written(dhGroup),
            encryption: $0.written(encryption), integrity: $0.written(integrity), pfsGroup: $0.written(pfsGroup),
            lifetime: $0.written(lifetime), lifetimeKilobytes: $0.written(lifetimeKilobytes))
    }

    /// For both sides, or for each.
    static let sidesForm = Sides.form("policies", "A policy for each side.", of: form)
}
