import ManagementAPI

extension TopologyWriter {
    /// A site of `sites:`, and the resources that it is made of, for messages.
    mutating func site(of connection: ExportedResource) -> (place: String, lines: [String]) {
        let place = connection.description
        guard isSiteToSite(connection) else { return (place, []) }
        guard let reference = reference(connection["localNetworkGateway2"], to: .localGateway) else {
            findings.missing("localNetworkGateway2", of: place, command: "az network vpn-connection show")
            return (place, [])
        }
        guard let local = find(.localGateway, reference, from: place) else {
            findings.missing(
                "local gateway \(reference.name)", of: place, command: "az network local-gateway list -g \(reference.id.group ?? "GROUP")")
            return (place, [])
        }
        remark(unsupportedOf: connection)
        remark(unsupportedOf: local)
        var lines = [
            "  - name: \(quoted(nodeNames.next(local.name)))", "    address: \(quoted(address(of: local) ?? ""))",
            "    prefixes: \(list(prefixes(of: local)))", "    connection:", "      name: \(quoted(connection.name))",
        ]
        if let key = key(of: connection) {
            lines.append("      preSharedKey: \(quoted(key))")
            hasKeys = true
        }
        if let mode = connection["connectionMode"].text(&findings), mode != "Default" {
            lines.append("      mode: {gateway: \(quoted(mode))}")
        }
        // 0 stands for the service's own, 45 s.
        if let timeout = connection["dpdTimeoutSeconds"].integer(&findings), timeout != 0, timeout != 45 {
            lines.append("      deadPeerDetection: {gateway: {timeout: \(timeout)s}}")
        }
        lines += policy(of: connection) + selectors(of: connection)
        return ("\(place), \(local.description)", lines)
    }

    private mutating func isSiteToSite(_ connection: ExportedResource) -> Bool {
        if let version = connection["connectionProtocol"].text(&findings), version.lowercased() != "ikev2" {
            findings.remark("\(connection.description): \(version) is rehearsed as IKEv2")
        }
        if let authentication = connection["authenticationType"].text(&findings), authentication.lowercased() != "psk" {
            findings.remark("\(connection.description): \(authentication) authentication is rehearsed with a pre-shared key")
        }
        let member = connection["connectionType"]
        guard let type = member.text(&findings) else {
            if member.value == nil {
                findings.missing("connectionType", of: connection.description, command: "az network vpn-connection show")
            }
            return false
        }
        if type.lowercased() != "ipsec" {
            findings.problem("\(connection.description): found connectionType \(type); allowed: IPsec")
        }
        return type.lowercased() == "ipsec"
    }

    private mutating func address(of local: ExportedResource) -> String? {
        if let address = local["gatewayIpAddress"].text(&findings), !address.isEmpty { return address }
        let name = local["fqdn"].text(&findings).map { " (its name \($0) is not looked up)" } ?? ""
        findings.missing("gatewayIpAddress\(name)", of: local.description, command: "az network local-gateway show")
        return nil
    }

    private mutating func prefixes(of local: ExportedResource) -> [String] {
        let prefixes = local["localNetworkAddressSpace"]["addressPrefixes"].texts(&findings)
        guard prefixes.isEmpty else { return prefixes }
        if local["bgpSettings"].value?.isSet == true {
            findings.problem(
                "\(local.description): found no localNetworkAddressSpace, as BGP learns the prefixes; allowed: prefixes, since a lab's routes "
                    + "are static")
        } else {
            findings.missing("localNetworkAddressSpace", of: local.description, command: "az network local-gateway show")
        }
        return []
    }

    // MARK: - Keys

    /// The one that was given, or the export's own. No message has it.
    private mutating func key(of connection: ExportedResource) -> String? {
        let given = options.keys.first { $0.key.lowercased() == connection.name.lowercased() }?.value
        let own = connection["sharedKey"].value
        if given == nil, let own, own.string == nil, own.unresolvedExpression == nil {
            findings.problem("\(connection.description): sharedKey: found no text; allowed: a text")
            return nil
        }
        guard let key = given ?? own?.string, given != nil || !key.isEmpty else {
            if options.allowsMissingKeys {
                findings.remark("\(connection.description): has no pre-shared key; the lab makes one from its seed")
            } else {
                let name = connection.name
                findings.problem(
                    "\(connection.description): found no pre-shared key, which exports do not have; --key \(name)=FILE or --key-env "
                        + "\(name)=VARIABLE gives it, --without-keys lets the lab make one")
            }
            return nil
        }
        // As the format has it; here, so that no character of a key is ever part of the format's messages.
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            findings.problem(
                "\(connection.description): found a pre-shared key with other characters or of another length; allowed: 1 to 128 printable "
                    + "ASCII characters")
            return nil
        }
        return key
    }

    // MARK: - Policies and selectors

    private static let algorithms = ["ipsecEncryption", "ipsecIntegrity", "ikeEncryption", "ikeIntegrity", "dhGroup", "pfsGroup"]
    private static let lifetimes = ["saLifeTimeSeconds", "saDataSizeKilobytes"]

    private mutating func policy(of connection: ExportedResource) -> [String] {
        let policies = connection["ipsecPolicies"].objects(&findings)
        guard let policy = policies.first else { return [] }
        if policies.count > 1 { findings.remark("\(connection.description): the first of \(policies.count) policies is taken") }
        let absent = (Self.lifetimes + Self.algorithms).filter { policy[$0].value == nil }
        if !absent.isEmpty {
            findings.problem(
                "\(policy.place): found an incomplete entry in ipsecPolicies, without \(absent.joined(separator: ", ")); needed: "
                    + (Self.lifetimes + Self.algorithms).joined(separator: ", "))
        }
        var values: [String] = []
        for name in Self.lifetimes {
            if let number = policy[name].integer(&findings) { values.append("\(name): \(number)") }
        }
        for name in Self.algorithms {
            if let word = policy[name].text(&findings) { values.append("\(name): \(quoted(word))") }
        }
        return ["      policy: {\(values.joined(separator: ", "))}"]
    }

    /// Those that a policy-based peer asks for.
    private mutating func selectors(of connection: ExportedResource) -> [String] {
        let isPolicyBased = connection["usePolicyBasedTrafficSelectors"].flag(&findings) ?? false
        let policies = connection["trafficSelectorPolicies"].objects(&findings)
        guard isPolicyBased else {
            if !policies.isEmpty {
                findings.remark(
                    "\(connection.description): trafficSelectorPolicies are left out, as they are in the service without "
                        + "usePolicyBasedTrafficSelectors")
            }
            return []
        }
        if policies.isEmpty {
            findings.remark("\(connection.description): policy-based selectors are all pairs of prefixes, as a lab's are anyway")
            return []
        }
        var pairs: [String] = []
        for policy in policies {
            let ranges = ["localAddressRanges", "remoteAddressRanges"].map { name in
                let ranges = policy[name].texts(&findings)
                if ranges.isEmpty { findings.missing(name, of: policy.place, command: "az network vpn-connection show") }
                return ranges
            }
            pairs += ranges[0].flatMap { gateway in ranges[1].map { "{site: \(quoted($0)), gateway: \(quoted(gateway))}" } }
        }
        let list = pairs.joined(separator: ", ")
        return ["      selectors: {site: [\(list)], gateway: [\(list)]}"]
    }
}
