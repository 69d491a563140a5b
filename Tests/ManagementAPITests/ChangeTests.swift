import LabPlan
import ManagementAPI
import Testing

/// Connections and gateways that change, go, and come again.
@Suite struct ChangeTests {
    private static let network = TestService.network
    private static let tokyo = "\(network)/connections/VNet5toTokyo"

    private static func connection(gateway: String = "VNet5GW", local: String) -> JSONValue {
        [
            "properties": [
                "connectionType": "IPsec", "sharedKey": "an other key",
                "virtualNetworkGateway1": ["id": .string("\(network)/virtualNetworkGateways/\(gateway)")],
                "localNetworkGateway2": ["id": .string("\(network)/localNetworkGateways/\(local)")],
            ]
        ]
    }

    private func names(_ type: String, _ test: TestService) async throws -> [String] {
        try test.json(await test.ask("GET", "\(Self.network)/\(type)"))["value"]?.elements?.compactMap { $0["name"]?.string } ?? []
    }

    // MARK: - Connections

    @Test("A property written is the gateway's; what is as it was begins nothing", arguments: ["PUT", "PATCH"])
    func property(method: String) async throws {
        let test = try await TestService()
        #expect(await test.ask(method, Self.tokyo, body: ["properties": ["dpdTimeoutSeconds": 45]]).status == 200)
        let written = await test.ask(method, Self.tokyo, body: ["properties": ["dpdTimeoutSeconds": 20]])
        #expect(written.status == 201)
        #expect(try test.json(written)["properties"]?["provisioningState"] == "Updating")
        #expect(try await test.outcome(of: written).status["status"] == "Succeeded")
        #expect(try test.json(await test.ask("GET", Self.tokyo))["properties"]?["dpdTimeoutSeconds"] == 20)
        // The key that was not written is the one that was.
        #expect(try await test.lab.preSharedKey(ofConnection: 0).secret == Array("a very secret key".utf8))
        let nonsense = await test.ask(method, Self.tokyo, body: ["properties": ["dpdTimeoutSeconds": "soon"]])
        #expect(nonsense.status == 400)
    }

    @Test("A whole connection without policies has none, which is how az clears them; a part of one keeps them")
    func clearedPolicies() async throws {
        let test = try await TestService()
        let osaka = "\(Self.network)/connections/VNet5toOsaka"
        for (method, properties, status) in [
            ("PATCH", ["connectionType": "IPsec"], 200), ("PUT", ["connectionType": "IPsec", "ipsecPolicies": .null], 201),
        ] as [(String, [String: JSONValue], Int)] {
            let written = await test.ask(method, osaka, body: ["properties": .object(properties)])
            #expect(written.status == status)
            if status == 201 { _ = try await test.outcome(of: written) }
        }
        let asked = test.lab.state.withLock { $0.asked }
        #expect(asked.count == 1 && asked[0]["properties"]?["ipsecPolicies"] == [])
    }

    @Test("A deleted connection is gone, its local gateway stays, and it can be created again, by the same name or another")
    func deletion() async throws {
        let test = try await TestService()
        let deleted = await test.ask("DELETE", Self.tokyo)
        #expect(deleted.status == 202)
        #expect(try await test.outcome(of: deleted).result.status == 204)
        #expect(await test.ask("GET", Self.tokyo).status == 404)
        #expect(await test.ask("DELETE", Self.tokyo).status == 204)
        #expect(await test.ask("POST", "\(Self.tokyo)/resetconnection").status == 404)
        #expect(try await names("connections", test) == ["VNet5toOsaka"])
        #expect(try await names("localNetworkGateways", test) == ["tokyo", "osaka"])
        #expect(test.lab.plan.connections[0].existsAtGateway == false)
        for name in ["VNet5toTokyo", "Again"] {
            let path = "\(Self.network)/connections/\(name)"
            let created = await test.ask("PUT", path, body: Self.connection(local: "tokyo"))
            #expect(created.status == 201)
            #expect(try await test.outcome(of: created).status["status"] == "Succeeded")
            #expect(await test.ask("GET", path).status == 200)
            #expect(try await test.lab.preSharedKey(ofConnection: 0).secret == Array("an other key".utf8))
            // In use now.
            let twin = await test.ask("PUT", "\(Self.network)/connections/Twin", body: Self.connection(local: "tokyo"))
            #expect(try twin.status == 400 && test.json(twin)["error"]?["target"] == "properties.localNetworkGateway2")
            _ = try await test.outcome(of: await test.ask("DELETE", path))
        }
        #expect(test.lab.state.withLock { $0.added.isEmpty })
    }

    @Test("A connection that is being reset is not deleted meanwhile")
    func busy() async throws {
        let test = try await TestService()
        test.lab.hold(true)
        let reset = await test.ask("POST", "\(Self.network)/virtualNetworkGateways/VNet5GW/reset")
        #expect(await test.ask("DELETE", Self.tokyo).status == 409)
        #expect(await test.ask("PUT", Self.tokyo, body: ["properties": ["dpdTimeoutSeconds": 20]]).status == 409)
        test.lab.hold(false)
        _ = try await test.outcome(of: reset)
    }

    // MARK: - Local gateways

    @Test("Another address of a local gateway is the gateway's, not the site's")
    func localGateway() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/localNetworkGateways/tokyo"
        let whole = try test.json(await test.ask("GET", path))
        #expect(await test.ask("PUT", path, body: whole).status == 200)
        let written = await test.ask("PUT", path, body: ["properties": ["gatewayIpAddress": "198.51.100.99"]])
        #expect(written.status == 201)
        #expect(try await test.outcome(of: written).status["status"] == "Succeeded")
        #expect(try test.json(await test.ask("GET", path))["properties"]?["gatewayIpAddress"] == "198.51.100.99")
        #expect(test.lab.plan.connections[0].siteAddress.description == "198.51.100.10")
    }

    @Test("A local gateway goes after its connection, and comes again as it was")
    func deletedLocalGateway() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/localNetworkGateways/tokyo"
        let whole = try test.json(await test.ask("GET", path))
        #expect(await test.ask("DELETE", path).status == 400)
        _ = try await test.outcome(of: await test.ask("DELETE", Self.tokyo))
        #expect(await test.ask("DELETE", path).status == 200)
        #expect(await test.ask("GET", path).status == 404)
        #expect(try await names("localNetworkGateways", test) == ["osaka"])
        let other = await test.ask(
            "PUT", path,
            body: ["properties": ["gatewayIpAddress": "198.51.100.99", "localNetworkAddressSpace": ["addressPrefixes": ["10.20.0.0/16"]]]])
        #expect(other.status == 400)
        #expect(await test.ask("PUT", path, body: whole).status == 201)
        #expect(try await names("localNetworkGateways", test) == ["tokyo", "osaka"])
    }

    // MARK: - Gateways

    @Test("A gateway goes after its connections, and a new one is made of what is left")
    func gateway() async throws {
        let factory = FakeFactory()
        let test = try await TestService(factory: factory)
        let path = "\(Self.network)/virtualNetworkGateways/VNet5GW"
        let whole = try test.json(await test.ask("GET", path))
        let inUse = await test.ask("DELETE", path)
        #expect(inUse.status == 400 && String(decoding: inUse.body, as: UTF8.self).contains("VNet5toOsaka"))
        for name in ["VNet5toTokyo", "VNet5toOsaka"] {
            _ = try await test.outcome(of: await test.ask("DELETE", "\(Self.network)/connections/\(name)"))
        }
        #expect(try await test.outcome(of: await test.ask("DELETE", path)).status["status"] == "Succeeded")
        #expect(test.lab.state.withLock { $0.isTakenDown })
        #expect(await test.ask("GET", path).status == 404)
        for (type, left) in [
            ("virtualNetworks", ["VNet5"]), ("publicIPAddresses", ["VNet5GWIP1"]), ("localNetworkGateways", ["tokyo", "osaka"]),
            ("virtualNetworkGateways", []),
        ] { #expect(try await names(type, test) == left) }

        // The same again, as it was read.
        #expect(await test.ask("PUT", path, body: whole).status == 201)
        #expect(try test.json(await test.ask("GET", path))["properties"]?["provisioningState"] == "Succeeded")
        let early = await test.ask("POST", "\(path)/reset")
        #expect(early.status == 400 && String(decoding: early.body, as: UTF8.self).contains("no connection yet"))
        for used in ["virtualNetworks/VNet5", "publicIPAddresses/VNet5GWIP1"] {
            #expect(await test.ask("DELETE", "\(Self.network)/\(used)").status == 400)
        }
        let created = await test.ask("PUT", Self.tokyo, body: Self.connection(local: "tokyo"))
        #expect(try await test.outcome(of: created).status["status"] == "Succeeded")
        let built = factory.built.withLock { $0 }
        #expect(built.count == 1 && built[0].key.secret == Array("an other key".utf8))
        #expect(
            Set(built[0].resources.compactMap { $0["name"]?.string }) == ["VNet5GW", "VNet5", "VNet5GWIP1", "tokyo", "VNet5toTokyo"])
        #expect(!built[0].resources.contains { String(decoding: $0.bytes, as: UTF8.self).contains("an other key") })
        // By the names that they were created with.
        #expect(try await names("virtualNetworks", test) == ["VNet5"])
        #expect(try await names("publicIPAddresses", test) == ["VNet5GWIP1"])
        #expect(try await Set(names("localNetworkGateways", test)) == ["tokyo", "osaka"])
        #expect(await test.ask("GET", "\(path)").status == 200)
        #expect(try await test.outcome(of: await test.ask("POST", "\(path)/reset")).status["status"] == "Succeeded")
    }

    @Test("A gateway in a group of its own, from its network on")
    func newGateway() async throws {
        let test = try await TestService(factory: FakeFactory())
        let group = "/subscriptions/\(TestService.identity.subscription)/resourcegroups/New"
        let network = "\(group)/providers/Microsoft.Network"
        #expect(await test.ask("GET", group).status == 404)
        #expect(await test.ask("PUT", group, body: ["location": "lab"]).status == 201)
        #expect(await test.ask("PUT", group, body: ["location": "lab"]).status == 200)
        let vnet = "\(network)/virtualNetworks/hub"
        #expect(await test.ask("PUT", vnet, body: ["properties": ["addressSpace": ["addressPrefixes": ["10.9.0.0"]]]]).status == 400)
        let space: JSONValue = ["properties": ["addressSpace": ["addressPrefixes": ["10.9.0.0/16"]]]]
        #expect(await test.ask("PUT", vnet, body: space).status == 201)
        #expect(
            await test.ask("PUT", "\(vnet)/subnets/GatewaySubnet", body: ["properties": ["addressPrefix": "10.9.255.0/27"]]).status == 201)
        #expect(try test.json(await test.ask("GET", "\(vnet)/subnets"))["value"]?.elements?.count == 1)
        let address = await test.ask("PUT", "\(network)/publicIPAddresses/front", body: ["properties": [:]])
        // Not the one that the other gateway has.
        #expect(try test.json(address)["properties"]?["ipAddress"] == "203.0.113.11")
        func gateway(_ address: String) -> JSONValue {
            [
                "properties": [
                    "gatewayType": "Vpn",
                    "ipConfigurations": [
                        [
                            "properties": [
                                "publicIPAddress": ["id": .string("\(network)/publicIPAddresses/\(address)")],
                                "subnet": ["id": .string("\(vnet)/subnets/GatewaySubnet")],
                            ]
                        ]
                    ],
                ]
            ]
        }
        let path = "\(network)/virtualNetworkGateways/hubgw"
        for (body, target) in [
            (gateway("nope"), "properties.ipConfigurations"), (["properties": [:]], "properties.ipConfigurations"),
            (["properties": ["gatewayType": "ExpressRoute"]], "properties.gatewayType"),
        ] as [(JSONValue, String)] {
            let refused = await test.ask("PUT", path, body: body)
            #expect(try refused.status == 400 && test.json(refused)["error"]?["target"]?.string == target)
        }
        #expect(await test.ask("PUT", path, body: gateway("front")).status == 201)
        #expect(try test.json(await test.ask("GET", "\(path)/connections"))["value"] == [])
        #expect(await test.ask("DELETE", path).status == 200)
        #expect(await test.ask("DELETE", vnet).status == 200)
        #expect(await test.ask("DELETE", path).status == 204)
    }

    @Test("A service that builds no labs says so")
    func withoutFactory() async throws {
        let test = try await TestService()
        let refused = await test.ask("PUT", "\(Self.network)/virtualNetworkGateways/other", body: ["properties": [:]])
        #expect(try refused.status == 400 && test.json(refused)["error"]?["code"] == "OperationNotAllowed")
    }
}
