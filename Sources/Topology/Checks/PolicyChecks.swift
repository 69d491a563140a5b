import LabPlan

/// The algorithms of a policy fit each other.
struct PolicyChecks {
    let entry: TopologyEntry

    func run(into reading: inout Reading) {
        let defaults = entry.defaults?.policy
        for site in entry.sites?.value ?? [] {
            let own = site.connection?.policy
            check((own?.site ?? PolicyEntry()).over(defaults?.site), into: &reading)
            check((own?.gateway ?? PolicyEntry()).over(defaults?.gateway), into: &reading)
        }
    }

    private func check(_ entry: PolicyEntry, into reading: inout Reading) {
        let policy = entry.policy
        if let path = (entry.integrity?.path ?? entry.encryption?.path), !policy.hasMatchingIntegrity {
            let fitting = IPsecPolicy.Integrity.allCases.filter { $0.fits(policy.encryption) }.map(\.rawValue)
            reading.report(
                path, found: "ipsecIntegrity \(policy.integrity.rawValue) with ipsecEncryption \(policy.encryption.rawValue)",
                allowed: "ipsecIntegrity \(alternatives(fitting)) with this cipher")
        }
        if let path = (entry.ikeIntegrity?.path ?? entry.ikeEncryption?.path), !policy.hasMatchingIKEIntegrity {
            let fitting = IPsecPolicy.IKEIntegrity.allCases.filter { $0.fits(policy.ikeEncryption) }.map(\.rawValue)
            reading.report(
                path, found: "ikeIntegrity \(policy.ikeIntegrity.rawValue) with ikeEncryption \(policy.ikeEncryption.rawValue)",
                allowed: "ikeIntegrity \(alternatives(fitting)) with this cipher")
        }
    }
}

extension IPsecPolicy {
    fileprivate var hasMatchingIntegrity: Bool { integrity.fits(encryption) }
    fileprivate var hasMatchingIKEIntegrity: Bool { ikeIntegrity.fits(ikeEncryption) }
}

extension IPsecPolicy.Integrity {
    /// A GCM cipher is its own integrity algorithm (RFC 4106); any other needs a hash.
    fileprivate func fits(_ encryption: IPsecPolicy.Encryption) -> Bool {
        encryption.isAEAD ? rawValue == encryption.rawValue : !rawValue.hasPrefix("GCM")
    }
}

extension IPsecPolicy.IKEIntegrity {
    /// With a GCM cipher a hash is the pseudo-random function alone, so only another cipher's name is wrong.
    fileprivate func fits(_ encryption: IPsecPolicy.IKEEncryption) -> Bool {
        rawValue.hasPrefix("GCM") ? rawValue == encryption.rawValue : true
    }
}
