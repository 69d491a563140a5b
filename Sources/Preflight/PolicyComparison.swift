import LabPlan

/// The algorithms agree; lifetimes need not.
struct PolicyComparison {
    let items: [ConnectionCheck.Item]

    init(site: IPsecPolicy, gateway: IPsecPolicy) {
        func item(_ name: String, _ value: (IPsecPolicy) -> String, canonical: ((IPsecPolicy) -> String)? = nil) -> ConnectionCheck.Item {
            let values = (site: value(site), gateway: value(gateway))
            if values.site == values.gateway {
                return ConnectionCheck.Item(name: name, site: values.site, gateway: values.gateway, verdict: .ok)
            }
            let isSame = canonical.map { $0(site) == $0(gateway) } ?? false
            return ConnectionCheck.Item(
                name: name, site: values.site, gateway: values.gateway, verdict: isSame ? .note : .differs,
                remark: isSame ? "two names of the same" : nil)
        }
        items = [
            item("IKE encryption", \.ikeEncryption.rawValue),
            item("IKE integrity", \.ikeIntegrity.rawValue, canonical: \.canonicalIKEIntegrity),
            item("DH group", \.dhGroup.rawValue, canonical: \.dhGroup.canonical.rawValue),
            item("IPsec encryption", \.encryption.rawValue),
            item("IPsec integrity", \.integrity.rawValue),
            item("PFS group", \.pfsGroup.rawValue, canonical: \.canonicalPFSGroup),
            Self.lifetime(site, gateway),
        ]
    }

    private static func lifetime(_ site: IPsecPolicy, _ gateway: IPsecPolicy) -> ConnectionCheck.Item {
        func text(_ policy: IPsecPolicy) -> String { "\(policy.lifetime.components.seconds) s, \(policy.lifetimeKilobytes) KB" }
        let areEqual = site.lifetime == gateway.lifetime && site.lifetimeKilobytes == gateway.lifetimeKilobytes
        return ConnectionCheck.Item(
            name: "SA lifetime", site: text(site), gateway: text(gateway), verdict: areEqual ? .ok : .note,
            remark: areEqual ? nil : "may differ: the shorter one ends an SA")
    }
}

extension IPsecPolicy.DHGroup {
    /// One name of those that mean the same group. IKEv2 cannot do without one, so `None` is the gateway's default.
    fileprivate var canonical: IPsecPolicy.DHGroup {
        switch self {
        case .none: .group2
        case .group2048: .group14
        default: self
        }
    }
}

extension IPsecPolicy {
    /// A group by its canonical name, `None` for no group.
    fileprivate var canonicalPFSGroup: String {
        switch pfsGroup {
        case .none: "None"
        case .pfs1: DHGroup.group1.rawValue
        case .pfs2: DHGroup.group2.rawValue
        case .pfs14, .pfs2048: DHGroup.group14.rawValue
        case .ecp256: DHGroup.ecp256.rawValue
        case .ecp384: DHGroup.ecp384.rawValue
        case .pfs24: DHGroup.group24.rawValue
        case .pfsMM: dhGroup.canonical.rawValue
        }
    }

    /// With a GCM cipher the integrity algorithm is the pseudo-random function alone: SHA-2 of a fitting size where a cipher is named.
    fileprivate var canonicalIKEIntegrity: String {
        switch (ikeEncryption, ikeIntegrity) {
        case (.gcmAES128, .gcmAES128): IKEIntegrity.sha256.rawValue
        case (.gcmAES256, .gcmAES256): IKEIntegrity.sha384.rawValue
        default: ikeIntegrity.rawValue
        }
    }
}
