import Addressing

/// Addresses are unique and outside of what is protected, prefixes do not overlap, and families match.
struct AddressChecks {
    let gateway: GatewayEntry?
    let sites: [SiteDraft]

    func run(into reading: inout Reading) {
        checkVirtualAddresses(into: &reading)
        checkDuplicates(into: &reading)
        checkPrefixes(into: &reading)
        checkFamilies(into: &reading)
    }

    private var isActiveActive: Bool { gateway?.isActiveActive ?? false }

    // MARK: - Addresses

    private func checkVirtualAddresses(into reading: inout Reading) {
        let most = isActiveActive ? 2 : 1
        var families: [IPAddress.Family: Int] = [:]
        for address in gateway?.addresses?.value ?? [] {
            families[address.value.family, default: 0] += 1
            guard families[address.value.family, default: 0] > most else { continue }
            let family = address.value.family.name
            reading.report(
                address.path, found: "\(address.value), a \(isActiveActive ? "third" : "second") \(family) address",
                allowed: isActiveActive
                    ? "two addresses of each family, one for each instance"
                    : "at most one address of each family, or two with \"activeActive: true\"")
        }
        guard isActiveActive, let path = gateway?.addresses?.path else { return }
        for (family, count) in families.sorted(by: { $0.key < $1.key }) where count == 1 {
            reading.report(
                path, found: "one \(family.name) address for two active instances",
                allowed: "two addresses of each family, one for each instance")
        }
    }

    private struct Owner {
        var label: String
        var path: String
    }

    private func checkDuplicates(into reading: inout Reading) {
        var owners: [IPAddress: Owner] = [:]
        var reported = Set<[String]>()
        for address in gateway?.addresses?.value ?? [] {
            if owners[address.value] == nil {
                owners[address.value] = Owner(label: "the gateway", path: address.path)
            } else if isActiveActive {
                reading.report(
                    address.path, found: "\(address.value), the address of the gateway's other instance",
                    allowed: "an address of its own for each instance")
            }
        }
        for site in sites {
            guard let address = site.address, let path = site.entry.address?.path else { continue }
            guard let owner = owners[address] else {
                owners[address] = Owner(label: site.label, path: path)
                continue
            }
            if reported.insert([owner.path, path]).inserted {
                reading.report(
                    path, found: "\(address)\(site.suffix), the address of \(owner.label)", allowed: "an address of its own for each site")
            }
        }
    }

    // MARK: - Prefixes

    private func checkPrefixes(into reading: inout Reading) {
        var protected: [ProtectedPrefix] = []
        for prefix in gateway?.prefixes?.value ?? [] {
            protected.append(.init(prefix: prefix.value, path: prefix.path, owner: "the gateway", suffix: "", order: protected.count))
        }
        for site in sites {
            for prefix in site.prefixes {
                protected.append(
                    .init(prefix: prefix.value, path: prefix.path, owner: site.label, suffix: site.suffix, order: protected.count))
            }
        }
        var reported = Set<[String]>()
        let space = ProtectedSpace(protected) { earlier, later in
            guard reported.insert([earlier.path, later.path]).inserted else { return }
            reading.report(
                later.path, found: "\(later.prefix)\(later.suffix), which overlaps \(earlier.prefix) of \(earlier.owner)",
                allowed: "prefixes that do not overlap, within the whole lab")
        }
        func check(_ address: IPAddress, _ path: String, _ suffix: String) {
            guard let prefix = space.prefix(with: address), reported.insert([path, prefix.path]).inserted else { return }
            reading.report(
                path, found: "\(address)\(suffix), which lies in \(prefix.prefix) of \(prefix.owner)",
                allowed: "an internet address outside of every protected prefix")
        }
        for address in gateway?.addresses?.value ?? [] { check(address.value, address.path, "") }
        for site in sites {
            guard let address = site.address, let path = site.entry.address?.path else { continue }
            check(address, path, site.suffix)
        }
    }

    // MARK: - Families

    /// Both ends of a tunnel, and both ends of a pair of selectors, are of one family; inner and outer ones may differ.
    private func checkFamilies(into reading: inout Reading) {
        let outer = gateway?.addresses.map { Set($0.value.map(\.value.family)) } ?? []
        let inner = gateway?.prefixes.map { Set($0.value.map(\.value.family)) } ?? []
        var reported = Set<String>()
        for site in sites {
            if let address = site.address, let path = site.entry.address?.path, !outer.isEmpty, !outer.contains(address.family),
                reported.insert(path).inserted
            {
                reading.report(
                    path, found: "\(address), an \(address.family.name) address; the gateway has none",
                    allowed: "an address of a family that \"gateway.addresses\" has")
            }
            for prefix in site.prefixes
            where !inner.isEmpty && !inner.contains(prefix.value.family) && reported.insert(prefix.path).inserted {
                reading.report(
                    prefix.path, found: "\(prefix.value), an \(prefix.value.family.name) prefix; the gateway has none to pair it with",
                    allowed: "a prefix of a family that \"gateway.prefixes\" has")
            }
        }
    }
}

extension IPAddress.Family {
    var name: String { self == .v4 ? "IPv4" : "IPv6" }
}
