import AzureResources
import Foundation
import LabPlan
import ManagementAPI
import Testing
import Topology

@Suite struct TopologyImportTests {
    /// As az prints it: properties among the other members, null for what is not there.
    static let az: [(name: String, bytes: [UInt8])] = [
        (
            "gateway.json",
            """
            {"activeActive": false, "bgpSettings": {"asn": 65515, "bgpPeeringAddresses": []}, "customRoutes": null, "enableBgp": true,
             "gatewayType": "Vpn", "id": "/subscriptions/s/resourceGroups/TestRG1/providers/Microsoft.Network/virtualNetworkGateways/VNet1GW",
             "ipConfigurations": [{"name": "default", "publicIPAddress": {"id": "/subscriptions/s/resourceGroups/TestRG1/providers/Microsoft.Network/publicIPAddresses/VNet1GWIP", "resourceGroup": "TestRG1"},
               "subnet": {"id": "/subscriptions/s/resourceGroups/TestRG1/providers/Microsoft.Network/virtualNetworks/VNet1/subnets/GatewaySubnet"}}],
             "name": "VNet1GW", "type": "Microsoft.Network/virtualNetworkGateways", "vpnType": "RouteBased"}
            """
        ),
        (
            "connections.json",
            """
            [{"connectionMode": "ResponderOnly", "connectionProtocol": "IKEv2", "connectionType": "IPsec", "dpdTimeoutSeconds": 30, "enableBgp": false,
              "ipsecPolicies": [{"dhGroup": "DHGroup14", "ikeEncryption": "AES256", "ikeIntegrity": "SHA384", "ipsecEncryption": "AES256",
                "ipsecIntegrity": "SHA256", "pfsGroup": "PFS2048", "saDataSizeKilobytes": 2000000, "saLifeTimeSeconds": 14400}],
              "localNetworkGateway2": {"id": "/subscriptions/s/resourceGroups/TestRG1/providers/Microsoft.Network/localNetworkGateways/Site_1"},
              "name": "VNet1toSite1", "sharedKey": null, "trafficSelectorPolicies": [{"localAddressRanges": ["10.1.0.0/24"], "remoteAddressRanges": ["10.101.0.0/24", "10.101.1.0/24"]}],
              "type": "Microsoft.Network/connections", "usePolicyBasedTrafficSelectors": true,
              "virtualNetworkGateway1": {"id": "/subscriptions/s/resourceGroups/TestRG1/providers/Microsoft.Network/virtualNetworkGateways/VNet1GW"}},
             {"connectionType": "IPsec", "localNetworkGateway2": {"id": "/…/localNetworkGateways/other"}, "name": "elsewhere", "type": "Microsoft.Network/connections",
              "virtualNetworkGateway1": {"id": "/…/virtualNetworkGateways/AnotherGW"}}]
            """
        ),
        (
            "others.json",
            """
            [{"gatewayIpAddress": "203.0.113.77", "localNetworkAddressSpace": {"addressPrefixes": ["10.101.0.0/16"]}, "name": "Site_1", "type": "Microsoft.Network/localNetworkGateways"},
             {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}, "name": "VNet1", "subnets": [], "type": "Microsoft.Network/virtualNetworks"},
             {"ipAddress": "198.51.100.7", "name": "VNet1GWIP", "publicIPAllocationMethod": "Static", "type": "Microsoft.Network/publicIPAddresses"},
             {"name": "vm1", "type": "Microsoft.Compute/virtualMachines"}]
            """
        ),
    ].map { ($0.0, Array($0.1.utf8)) }

    @Test("What az prints becomes a topology, with the key that was given")
    func fromAz() throws {
        let result = try TopologyImport(keys: ["vnet1tosite1": "a \"quoted\" key"]).topology(from: Self.az)
        let plan = try Topology.load(text: result.text, file: "imported.yaml").plan(seed: 1)
        #expect(plan.name == "vnet1gw")
        #expect(plan.gateway.name == "VNet1GW")
        #expect(plan.gateway.virtualAddresses.map(\.description) == ["198.51.100.7"])
        #expect(plan.gateway.prefixes.map(\.description) == ["10.1.0.0/16"])
        #expect(plan.connections.map(\.name) == ["VNet1toSite1"])
        let connection = plan.connections[0]
        #expect(plan.nodes[connection.site].name == "site-1")
        #expect(connection.siteAddress.description == "203.0.113.77")
        let side = connection.gatewaySide
        #expect(side.preSharedKey.secret == Array("a \"quoted\" key".utf8))
        #expect(side.mode == .responderOnly && connection.siteSide.mode == .default)
        #expect(side.deadPeerDetection?.timeout == .seconds(30))
        #expect(side.policy.dhGroup == .group14 && side.policy.ikeIntegrity == .sha384 && side.policy.encryption == .aes256)
        #expect(side.policy.lifetime == .seconds(14_400) && side.policy.lifetimeKilobytes == 2_000_000)
        #expect(
            side.selectors.map { "\($0.site) \($0.gateway)" } == ["10.101.0.0/24 10.1.0.0/24", "10.101.1.0/24 10.1.0.0/24"])
        #expect(result.remarks.count { $0.contains("BGP is left out") } == 1)
        #expect(result.remarks.contains { $0.contains("Microsoft.Compute/virtualMachines vm1") })
    }

    @Test("What is missing is told with what prints it, and nothing is made up", arguments: [0, 1, 2])
    func missing(left: Int) throws {
        var files = Self.az
        files.remove(at: left)
        let error = #expect(throws: ImportError.self) { try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: files) }
        let text = error?.description ?? ""
        switch left {
        case 0: #expect(text.contains("found no virtual network gateway; az network vnet-gateway show"))
        case 1: #expect(text.contains("found no connection of VNet1GW; az network vpn-connection list"))
        default:
            #expect(text.contains("found no local gateway Site_1; az network local-gateway list"))
            #expect(text.contains("found no virtual network VNet1; az network vnet list"))
            #expect(text.contains("found no address of VNet1GWIP; az network public-ip list"))
        }
    }

    @Test("A key is asked for, or left to the lab on request")
    func keys() throws {
        let error = #expect(throws: ImportError.self) { try TopologyImport().topology(from: Self.az) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains("--key VNet1toSite1=FILE or --key-env VNet1toSite1=VARIABLE") == true)
        let result = try TopologyImport(allowsMissingKeys: true).topology(from: Self.az)
        #expect(!result.text.contains("preSharedKey"))
        #expect(result.remarks.contains { $0.contains("the lab makes one from its seed") })
    }

    @Test("Other kinds of connections and broken algorithms are errors")
    func unsupported() throws {
        for (found, replacement, message) in [
            (
                "\"connectionType\": \"IPsec\", \"dpd", "\"connectionType\": \"Vnet2Vnet\", \"dpd",
                "found connectionType Vnet2Vnet; allowed: IPsec"
            ),
            ("\"ipsecIntegrity\": \"SHA256\"", "\"ipsecIntegrity\": \"MD5\"", "broken and not supported here"),
            ("\"pfsGroup\": \"PFS2048\", ", "", "found an incomplete entry in ipsecPolicies"),
        ] {
            let files = Self.az.map { ($0.name, Array(String(decoding: $0.bytes, as: UTF8.self).replacing(found, with: replacement).utf8)) }
            let error = #expect(throws: ImportError.self) { try TopologyImport(keys: ["VNet1toSite1": "hush"]).topology(from: files) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("hush") != true)
        }
    }

    @Test("A key is another's, or none that the service would take: the message has nothing of it")
    func wrongKeys() throws {
        for (keys, message) in [
            (["VNet1toSite1": "k", "VNet1toSite2": "hush"], "found a key for VNet1toSite2, which is no connection of VNet1GW"),
            (["VNet1toSite1": "hush\u{7f}"], "found a pre-shared key with other characters or of another length"),
            (["VNet1toSite1": String(repeating: "hush", count: 33)], "allowed: 1 to 128 printable ASCII characters"),
        ] {
            let error = #expect(throws: ImportError.self) { try TopologyImport(keys: keys).topology(from: Self.az) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("hush") == false)
        }
    }

    @Test("An export's own key is used; one that is no text is told without it")
    func ownKey() throws {
        let own = try TopologyImport().topology(from: changed("\"sharedKey\": null", "\"sharedKey\": \"[hush]\""))
        #expect(own.text.contains("preSharedKey: \"[hush]\""))
        #expect(own.hasKeys && !own.remarks.joined().contains("hush"))
        let error = #expect(throws: ImportError.self) {
            try TopologyImport().topology(from: changed("\"sharedKey\": null", "\"sharedKey\": 271828"))
        }
        #expect(error?.description.contains("sharedKey: found no text") == true)
        #expect(error?.description.contains("271828") == false)
    }

    @Test("What has another type than it should is an error with its place, not nothing")
    func wrongTypes() throws {
        for (found, replacement, message) in [
            (
                "\"activeActive\": false", "\"activeActive\": \"no\"",
                "VNet1GW (gateway.json): activeActive: found a text; allowed: true or false"
            ),
            ("\"dpdTimeoutSeconds\": 30", "\"dpdTimeoutSeconds\": 1e30", "dpdTimeoutSeconds: found 1e+30; allowed: a whole number"),
            ("\"dpdTimeoutSeconds\": 30", "\"dpdTimeoutSeconds\": -30", "deadPeerDetection.gateway.timeout: found"),
            (
                "[\"10.101.0.0/16\"]", "[\"10.101.0.0/16\", null]",
                "localNetworkAddressSpace.addressPrefixes[1]: found null; allowed: a text"
            ),
            ("2000000,", "99999999999999999999,", "ipsecPolicies[0].saDataSizeKilobytes: found 1e+20; allowed: a whole number"),
            ("\"ipsecPolicies\": [{", "\"ipsecPolicies\": [7, {", "ipsecPolicies[0]: found 7; allowed: an object"),
            ("\"203.0.113.77\"", "\"203.0.113.777\"", "localNetworkGateways Site_1 (others.json): what a lab would have as address: found"),
            ("publicIPAddresses/VNet1GWIP\"", "x\"", "publicIPAddress.id: found no name of one of the publicIPAddresses"),
        ] {
            let error = #expect(throws: ImportError.self) {
                try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: changed(found, replacement))
            }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
    }

    @Test("What a lab does not have is told, each thing once")
    func unsupportedMembers() throws {
        for (found, replacement, message) in [
            ("\"customRoutes\": null", "\"natRules\": [{\"name\": \"n\"}]", "VNet1GW (gateway.json): NAT rules are left out"),
            ("\"customRoutes\": null", "\"vpnClientConfiguration\": {\"vpnClientProtocols\": [\"OpenVPN\"]}", "point-to-site is left out"),
            ("\"customRoutes\": null", "\"gatewayDefaultSite\": {\"id\": \"x\"}", "forced tunnelling"),
            ("\"enableBgp\": false", "\"ingressNatRules\": [{\"id\": \"x\"}]", "VNet1toSite1 (connections.json): NAT rules are left out"),
            ("\"subnets\": []", "\"virtualNetworkPeerings\": [{\"name\": \"p\"}]", "the prefixes of peered networks are left out"),
            ("\"gatewayIpAddress\"", "\"bgpSettings\": {\"asn\": 65010}, \"gatewayIpAddress\"", "Site_1 (others.json): BGP is left out"),
            ("\"IKEv2\"", "\"IKEv1\"", "IKEv1 is rehearsed as IKEv2"),
            ("\"RouteBased\"", "\"PolicyBased\"", "a lab's gateway is route-based"),
            ("rs\": true", "rs\": false", "trafficSelectorPolicies are left out"),
            (
                "\"IKEv2\"", "\"IKEv2\", \"authenticationType\": \"Certificate\"",
                "Certificate authentication is rehearsed with a pre-shared key"
            ),
        ] {
            let result = try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: changed(found, replacement))
            #expect(result.remarks.count { $0.contains(message) } == 1, "\(message): \(result.remarks)")
        }
        let remarks = try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: Self.az).remarks
        #expect(remarks.contains { $0.contains("elsewhere (connections.json) is of the gateway AnotherGW and is left out") })
    }

    /// The same files with one text in them replaced, wherever it stands.
    private func changed(_ text: String, _ replacement: String) -> [(name: String, bytes: [UInt8])] {
        let files = Self.az.map { ($0.name, Array(String(decoding: $0.bytes, as: UTF8.self).replacing(text, with: replacement).utf8)) }
        #expect(!zip(files, Self.az).allSatisfy { $0.1 == $1.bytes }, "\(text) is nowhere")
        return files
    }
}
