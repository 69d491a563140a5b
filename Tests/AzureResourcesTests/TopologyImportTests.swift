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

    @Test("A file that is cut or changed anywhere is an error or a topology, never a trap")
    func mutations() throws {
        var generator = SystemRandomNumberGenerator()
        let whole = Self.az[1].bytes
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            #expect(throws: ImportError.self) {
                try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: [
                    Self.az[0], ("cut.json", Array(whole[..<length])), Self.az[2],
                ])
            }
        }
        for _ in 0..<2_000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            do {
                _ = try TopologyImport(keys: ["VNet1toSite1": "k"]).topology(from: [Self.az[0], ("changed.json", bytes), Self.az[2]])
            } catch is ImportError {
                continue
            }
        }
    }

    // MARK: - There and back

    static var topologies: [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "topologies").path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.sorted().map { folder.appending(path: "topologies/\($0)").path }
    }

    @Test("There are topologies to try it with")
    func topologiesAreFound() { #expect(Self.topologies.count > 10) }

    @Test("A lab exported and imported again is the same, as far as resources go", arguments: topologies, [false, true])
    func roundTrip(path: String, isTemplate: Bool) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let before = try Topology.load(text: text, file: path).plan(seed: 1)
        let export = ResourceExport(plan: before, resourceGroup: "RG", subscription: "s", location: "here")
        let bytes = (isTemplate ? export.template : export.resources).indented
        for connection in before.connections {
            let key = String(decoding: connection.gatewaySide.preSharedKey.secret, as: UTF8.self)
            #expect(!String(decoding: bytes, as: UTF8.self).contains(key))
        }
        let keys = Dictionary(uniqueKeysWithValues: before.connections.map { ($0.name, "k") })
        let result = try TopologyImport(name: before.name, keys: keys).topology(from: [("export.json", bytes)])
        let after = try Topology.load(text: result.text, file: "again.yaml").plan(seed: 1)
        #expect(after.gateway.virtualAddresses == before.gateway.virtualAddresses)
        #expect(after.gateway.instances.map(\.addresses) == before.gateway.instances.map(\.addresses))
        #expect(after.gateway.prefixes == before.gateway.prefixes)
        #expect(after.connections.map(\.name) == before.connections.map(\.name))
        for (one, other) in zip(before.connections, after.connections) {
            #expect(one.siteAddress == other.siteAddress)
            #expect(one.gatewaySide.policy == other.gatewaySide.policy)
            #expect(one.gatewaySide.mode == other.gatewaySide.mode)
            #expect(one.gatewaySide.deadPeerDetection?.timeout == other.gatewaySide.deadPeerDetection?.timeout)
            #expect(Set(one.gatewaySide.selectors) == Set(other.gatewaySide.selectors))
        }
    }
}
