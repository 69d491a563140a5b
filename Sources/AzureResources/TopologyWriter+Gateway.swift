import ManagementAPI

extension TopologyWriter {
    /// `gateway:` and what is below it.
    mutating func lines(of gateway: ExportedResource) -> [String] {
        if let type = gateway["gatewayType"].text(&findings), type.lowercased() != "vpn" {
            findings.problem("\(gateway.description): found gatewayType \(type); allowed: Vpn")
        }
        if let type = gateway["vpnType"].text(&findings), type.lowercased() == "policybased" {
            findings.remark("\(gateway.description): a lab's gateway is route-based")
        }
        remark(unsupportedOf: gateway)
        var lines = ["gateway:", "  name: \(quoted(gateway.name))", "  addresses: \(list(publicAddresses(of: gateway)))"]
        // SDKs of old called it "active".
        let member = gateway["activeActive"].value == nil ? gateway["active"] : gateway["activeActive"]
        if member.flag(&findings) == true { lines.append("  activeActive: true") }
        lines.append("  prefixes: \(list(networkPrefixes(of: gateway)))")
        return lines
    }

    /// In the order of the IP configurations: the first is the primary instance's.
    private mutating func publicAddresses(of gateway: ExportedResource) -> [String] {
        let configurations = gateway["ipConfigurations"].objects(&findings)
        if configurations.isEmpty {
            findings.missing("ipConfigurations", of: gateway.description, command: "az network vnet-gateway show")
        }
        var addresses: [String] = []
        for configuration in configurations {
            let member = configuration["publicIPAddress"]
            guard let reference = reference(member, to: .publicAddress) else {
                findings.missing("publicIPAddress", of: configuration.place, command: "az network vnet-gateway show")
                continue
            }
            let resource = find(.publicAddress, reference, from: configuration.place)
            // The address itself, or what the gateway says that its tunnels begin at.
            let address =
                resource?["ipAddress"].text(&findings) ?? member["ipAddress"].text(&findings)
                ?? tunnelAddress(of: configuration, among: configurations.count, gateway)
            guard let address else {
                findings.missing(
                    "address of \(reference.name)", of: (resource ?? gateway).description,
                    command: resource == nil
                        ? "az network public-ip list -g \(reference.id.group ?? "GROUP")"
                        : "az network public-ip show -g \(reference.id.group ?? "GROUP") -n \(reference.name)")
                continue
            }
            addresses.append(address)
        }
        return addresses
    }

    private mutating func tunnelAddress(of configuration: Member, among count: Int, _ gateway: ExportedResource) -> String? {
        let peerings = gateway["bgpSettings"]["bgpPeeringAddresses"].objects(&findings)
        let name = configuration["name"].text(&findings)?.lowercased()
        for peering in peerings {
            let id = peering["ipconfigurationId"].text(&findings).map(ResourceID.init)
            // Without ids there is nothing to tell several apart by.
            let isOwn = id == nil ? count == 1 && peerings.count == 1 : name != nil && id?.last?.lowercased() == name
            if isOwn, let address = peering["tunnelIpAddresses"].texts(&findings).first { return address }
        }
        return nil
    }

    private mutating func networkPrefixes(of gateway: ExportedResource) -> [String] {
        guard let configuration = gateway["ipConfigurations"].objects(&findings).first else { return [] }
        guard let reference = reference(configuration["subnet"], to: .network) else {
            findings.missing("subnet", of: configuration.place, command: "az network vnet-gateway show")
            return []
        }
        guard let network = find(.network, reference, from: configuration.place) else {
            findings.missing(
                "virtual network \(reference.name)", of: gateway.description,
                command: "az network vnet list -g \(reference.id.group ?? "GROUP")")
            return []
        }
        remark(unsupportedOf: network)
        let prefixes = network["addressSpace"]["addressPrefixes"].texts(&findings)
        if prefixes.isEmpty { findings.missing("addressSpace", of: network.description, command: "az network vnet show") }
        return prefixes
    }

    // MARK: - What a lab does not have

    private static let bgp = "BGP is left out; a lab's routes are static"
    private static let nat = "NAT rules are left out"

    private static let unsupported: [ExportedResource.Kind: [(member: String, remark: String)]] = [
        .gateway: [
            ("enableBgp", bgp), ("natRules", nat), ("vpnClientConfiguration", "point-to-site is left out"),
            ("gatewayDefaultSite", "forced tunnelling (gatewayDefaultSite) is left out"),
            ("customRoutes", "custom routes, which are for point-to-site clients, are left out"),
            ("enablePrivateIpAddress", "tunnels to private addresses are left out"),
            ("allowRemoteVnetTraffic", "networks beyond the virtual network are left out"),
            ("allowVirtualWanTraffic", "networks beyond the virtual network are left out"),
        ],
        .connection: [
            ("enableBgp", bgp), ("ingressNatRules", nat), ("egressNatRules", nat),
            ("useLocalAzureIpAddress", "the tunnel is rehearsed to the public address, not to the private one"),
            ("tunnelProperties", "settings of single tunnels (tunnelProperties) are left out"),
        ],
        .localGateway: [("bgpSettings", bgp)],
        .network: [("virtualNetworkPeerings", "the prefixes of peered networks are left out")],
    ]

    mutating func remark(unsupportedOf resource: ExportedResource) {
        for (member, remark) in Self.unsupported[resource.kind] ?? [] where resource[member].value?.isSet == true {
            findings.remark("\(resource.description): \(remark)")
        }
    }
}
