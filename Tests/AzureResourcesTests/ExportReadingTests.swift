import AzureResources
import Foundation
import ManagementAPI
import Testing
import Topology

/// Files as they come: lists and single resources, REST's form and az's, templates, the same resource twice.
@Suite struct ExportReadingTests {
    private static let scope = "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network"

    /// One gateway with one connection, as REST has it.
    private static func resources() -> [String: [String: Any]] {
        func resource(_ type: String, _ name: String, _ properties: [String: Any]) -> [String: Any] {
            ["id": "\(scope)/\(type)/\(name)", "name": name, "type": "Microsoft.Network/\(type)", "properties": properties]
        }
        let configuration: [String: Any] = [
            "name": "default",
            "properties": [
                "publicIPAddress": ["id": "\(scope)/publicIPAddresses/IP"],
                "subnet": ["id": "\(scope)/virtualNetworks/V/subnets/GatewaySubnet"],
            ],
        ]
        return [
            "gateway": resource("virtualNetworkGateways", "GW", ["gatewayType": "Vpn", "ipConfigurations": [configuration]]),
            "connection": resource(
                "connections", "c",
                [
                    "connectionType": "IPsec", "virtualNetworkGateway1": ["id": "\(scope)/virtualNetworkGateways/GW"],
                    "localNetworkGateway2": ["id": "\(scope)/localNetworkGateways/Site"],
                ]),
            "local": resource(
                "localNetworkGateways", "Site",
                ["gatewayIpAddress": "198.51.100.1", "localNetworkAddressSpace": ["addressPrefixes": ["10.2.0.0/16"]]]),
            "network": resource("virtualNetworks", "V", ["addressSpace": ["addressPrefixes": ["10.1.0.0/16"]], "subnets": [] as [Any]]),
            "address": resource("publicIPAddresses", "IP", ["ipAddress": "203.0.113.10"]),
        ]
    }

    private static func imported(_ files: Any...) throws -> TopologyImport.Result {
        try TopologyImport(allowsMissingKeys: true).topology(
            from: try files.enumerated().map { ("\($0.offset).json", Array(try JSONSerialization.data(withJSONObject: $0.element))) })
    }

    private static func sites(_ result: TopologyImport.Result) throws -> [String] {
        try Topology.load(text: result.text, file: "imported.yaml").sites.map { "\($0.name) \($0.address) \($0.prefixes[0])" }
    }

    @Test("Files in any order, REST's lists, and single resources")
    func forms() throws {
        let all = Self.resources()
        let values = all.sorted { $0.key < $1.key }.map(\.value)
        #expect(try Self.sites(Self.imported(values)) == ["site 198.51.100.1 10.2.0.0/16"])
        #expect(try Self.sites(Self.imported(values[4], values[3], values[2], values[1], values[0])) == ["site 198.51.100.1 10.2.0.0/16"])
        #expect(try Self.sites(Self.imported(["value": values, "nextLink": NSNull()])) == ["site 198.51.100.1 10.2.0.0/16"])
        let error = #expect(throws: ImportError.self) { try Self.imported(["value": values, "nextLink": "https://…"]) }
        #expect(error?.description == "0.json: found the first part of a list; allowed: all of it")
        let withoutTypes = values.map { $0.filter { $0.key != "type" } }
        #expect(throws: ImportError.self) { try Self.imported(withoutTypes) }  // Nothing tells what the address is.
    }

    @Test("A resource that is exported twice is one, and what one export lacks the other has")
    func twice() throws {
        var all = Self.resources()
        let address = try #require(all["address"])
        all["address"]?["properties"] = ["publicIPAllocationMethod": "Static"]
        let result = try Self.imported(Array(all.values), [address], Array(all.values))
        #expect(result.text.contains("addresses: [\"203.0.113.10\"]"))
        #expect(try Self.sites(result).count == 1)
        all["local"]?["properties"] = ["gatewayIpAddress": "198.51.100.2"]
        let error = #expect(throws: ImportError.self) { try Self.imported(Array(Self.resources().values), Array(all.values)) }
        #expect(error?.description.contains("Site (0.json, 1.json): found two different values of gatewayIpAddress") == true)
    }

    @Test("Resources of one name in two groups are told apart by their ids; nodes get names of their own")
    func groups() throws {
        var all = Self.resources()
        var other = try #require(all["local"])
        other["id"] = (other["id"] as? String)?.replacing("/RG/", with: "/Elsewhere/")
        other["properties"] = ["gatewayIpAddress": "198.51.100.9", "localNetworkAddressSpace": ["addressPrefixes": ["10.3.0.0/16"]]]
        var second = try #require(all["connection"])
        second["name"] = "d"
        second["id"] = "\(Self.scope)/connections/d"
        second["properties"] = [
            "connectionType": "IPsec", "virtualNetworkGateway1": ["id": "\(Self.scope)/virtualNetworkGateways/gw"],
            "localNetworkGateway2": ["id": other["id"]],
        ]
        all["other"] = other
        let result = try Self.imported(Array(all.values), [second])
        #expect(try Self.sites(result) == ["site 198.51.100.1 10.2.0.0/16", "site-2 198.51.100.9 10.3.0.0/16"])
        all["local"]?["name"] = "Internet"
        all["local"]?["id"] = "\(Self.scope)/localNetworkGateways/Internet"
        all["connection"]?["properties"] = [
            "connectionType": "IPsec", "virtualNetworkGateway1": ["id": "\(Self.scope)/virtualNetworkGateways/GW"],
            "localNetworkGateway2": ["id": "\(Self.scope)/localNetworkGateways/Internet"],
        ]
        #expect(try Self.sites(Self.imported(Array(all.values)))[0].hasPrefix("internet-2 "))
    }

    @Test("Addresses that are only in the gateway's own list are found by their IP configuration, not by their order")
    func tunnelAddresses() throws {
        var all = Self.resources()
        all["address"] = nil
        func configuration(_ name: String, _ address: String) -> [String: Any] {
            [
                "name": name, "publicIPAddress": ["id": "\(Self.scope)/publicIPAddresses/\(address)"],
                "subnet": ["id": "\(Self.scope)/virtualNetworks/V/subnets/GatewaySubnet"],
            ]
        }
        func peering(_ name: String, _ address: String) -> [String: Any] {
            ["ipconfigurationId": "\(Self.scope)/virtualNetworkGateways/GW/ipConfigurations/\(name)", "tunnelIpAddresses": [address]]
        }
        all["gateway"]?["properties"] = [
            "activeActive": true, "ipConfigurations": [configuration("one", "A"), configuration("two", "B")],
            "bgpSettings": ["bgpPeeringAddresses": [peering("two", "203.0.113.12"), peering("one", "203.0.113.11")]],
        ]
        #expect(try Self.imported(Array(all.values)).text.contains("addresses: [\"203.0.113.11\", \"203.0.113.12\"]"))
        all["gateway"]?["properties"] = [
            "ipConfigurations": [configuration("one", "A")], "bgpSettings": ["bgpPeeringAddresses": [peering("two", "203.0.113.12")]],
        ]
        let error = #expect(throws: ImportError.self) { try Self.imported(Array(all.values)) }
        #expect(error?.description.contains("found no address of A; az network public-ip list -g RG prints it") == true)
    }

    // MARK: - Templates

    private static func template(_ change: (inout [String: [String: Any]]) -> Void, _ more: [String: Any] = [:]) -> [String: Any] {
        var all = resources()
        change(&all)
        // Older exports have an empty list of children in each resource.
        let resources = all.sorted { $0.key < $1.key }.map { $0.value.filter { $0.key != "id" }.merging(["resources": [] as [Any]]) { $1 } }
        return ["$schema": "…", "contentVersion": "1.0.0.0", "resources": resources].merging(more) { $1 }
    }

    @Test("A template's names are parameters, variables, and what functions make of them")
    func expressions() throws {
        let parameters: [String: Any] = [
            "prefix": ["type": "string", "defaultValue": "Hub"],
            "V_externalid": [
                "type": "string", "defaultValue": "/subscriptions/s/resourceGroups/N/providers/Microsoft.Network/virtualNetworks/V",
            ],
            "prefixes": ["type": "array", "defaultValue": ["10.1.0.0/16", "10.9.0.0/16"]],
        ]
        let file = Self.template(
            { all in
                all["gateway"]?["name"] = "[concat(parameters('PREFIX'), '-', variables('kind'))]"
                all["gateway"]?["properties"] = [
                    "gatewayType": "Vpn",
                    "ipConfigurations": [
                        [
                            "properties": [
                                "publicIPAddress": ["id": "[resourceId('Microsoft.Network/publicIPAddresses', 'IP')]"],
                                "subnet": ["id": "[concat(parameters('V_externalid'), '/subnets/GatewaySubnet')]"],
                            ]
                        ]
                    ],
                ]
                all["network"]?["properties"] = ["addressSpace": ["addressPrefixes": "[parameters('prefixes')]"]]
                all["connection"]?["properties"] = [
                    "connectionType": "IPsec",
                    "virtualNetworkGateway1": [
                        "id": "[resourceId('Microsoft.Network/virtualNetworkGateways', format('{0}-{1}', parameters('prefix'), 'GW'))]"
                    ], "localNetworkGateway2": ["id": "[resourceId('RG', 'Microsoft.Network/localNetworkGateways', 'Site')]"],
                    "sharedKey": "[parameters('key')]",
                ]
                all["web"] = ["name": "office365", "type": "Microsoft.Web/connections"]
                all["off"] = ["name": "off", "type": "Microsoft.Network/connections", "condition": false]
            }, ["parameters": parameters, "variables": ["kind": "GW"]])
        let result = try Self.imported(file)
        let topology = try Topology.load(text: result.text, file: "imported.yaml")
        #expect(topology.gateway.name == "Hub-GW")
        #expect(topology.gateway.prefixes.map(\.description) == ["10.1.0.0/16", "10.9.0.0/16"])
        #expect(topology.sites.map(\.name) == ["site"])
        #expect(result.remarks.contains("0.json: Microsoft.Web/connections office365 has no part in a lab and is left out"))
        #expect(result.remarks.contains("0.json: off is left out: its condition is false"))
    }

    @Test(
        "An expression that the file does not have the value of is told, whatever it is",
        arguments: [
            "[parameters('none')]", "[parameters('empty')]", "[variables('loop')]", "[concat('a', reference('x').y)]", "[concat('a']", "[]",
            "[',]",
            "[variables('wide8')]", "[\(String(repeating: "concat(", count: 20))'a'\(String(repeating: ")", count: 20))]",
        ])
    func unresolved(expression: String) throws {
        var variables: [String: Any] = ["loop": "[variables('loop')]", "wide0": "0123456789"]
        // Each ten times as long as the one before.
        for level in 1...8 {
            variables["wide\(level)"] = "[concat(\(Array(repeating: "variables('wide\(level - 1)')", count: 10).joined(separator: ", ")))]"
        }
        let parameters: [String: Any] = ["empty": ["type": "string", "defaultValue": NSNull()]]
        let file = Self.template({ $0["gateway"]?["name"] = expression }, ["parameters": parameters, "variables": variables])
        let error = #expect(throws: ImportError.self) { try Self.imported(file) }
        #expect(error?.description.contains("virtualNetworkGateways: name: found \(expression), whose value is not in the file") == true)
    }

    @Test("A template with symbolic names has an object of resources")
    func symbolicNames() throws {
        let result = try Self.imported(["languageVersion": "2.0", "resources": Self.resources()])
        #expect(try Self.sites(result).count == 1)
    }

    @Test("Where a file is no JSON is told by line and column, and foreign JSON for what it is")
    func foreign() {
        for (text, message) in [
            ("{\n  \"name\": }", "x.json:2:11: found no JSON, or only a part of it: }, where a value should be"),
            ("[1e999]", "x.json: found a number or a text that cannot be read"), ("{}", "x.json: found no gateway, connection"),
            ("", "x.json:1:1: found no JSON, or only a part of it: the end"), ("7", "x.json: found no gateway, connection"),
            (String(repeating: "[", count: 100_000), "x.json:1:513: found no JSON"),
        ] {
            let error = #expect(throws: ImportError.self) { try TopologyImport().topology(from: [("x.json", Array(text.utf8))]) }
            #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
        }
    }
}
