import AgentProtocol
import LabPlan
import ManagementAPI
import Measurement
import Testing

/// The requests of the real clients, as they were seen, and what these clients need to be answered.
@Suite(.timeLimit(.minutes(15))) struct ManagementServiceTests {
    static let network = TestService.network

    // MARK: - Who may ask

    @Test("What clients ask before they have a token is answered without one")
    func discovery() async throws {
        let test = try await TestService()
        let metadata = try test.json(
            await test.ask("GET", "/metadata/endpoints", query: ["api-version": "2019-05-01"], headers: ["authorization": ""]))
        // az fails with a KeyError without any of these.
        #expect(metadata["name"] != nil && metadata["suffixes"] != nil)
        #expect(metadata["resourceManager"]?.string == "https://127.0.0.1:8443")
        #expect(metadata["authentication"]?["loginEndpoint"]?.string?.hasSuffix("/adfs") == true)
        let token = try test.json(
            await test.ask(
                "GET", "/msi/token", query: ["resource": "https://management.core.windows.net/"],
                headers: ["authorization": "", "x-identity-header": "x"]))
        let text = try #require(token["access_token"]?.string)
        #expect(text == test.service.token.text)
        #expect(text.split(separator: ".").count == 3)
        #expect(token["token_type"] == "Bearer" && token["expires_on"]?.string.flatMap(Int.init) != nil)
        let without = await test.ask("GET", "/msi/token", headers: ["authorization": ""])
        #expect(without.status == 400)
    }

    @Test(
        "Nothing else is told or done without the token",
        arguments: ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer aaaa.bbbb.cccc"])
    func unauthenticated(header: String) async throws {
        let test = try await TestService()
        for (method, path) in [
            ("GET", "/subscriptions"), ("POST", "\(Self.network)/virtualNetworkGateways/VNet5GW/reset"),
            ("GET", "\(Self.network)/connections/VNet5toTokyo/sharedkey"), ("GET", "/nothing"),
            ("POST", "/\(TestService.identity.subscription)/services/networking/VNet5/gateway"),
        ] {
            let response = await test.ask(method, path, headers: ["authorization": header])
            #expect(response.status == 401)
            #expect(try test.json(response)["error"]?["code"] == "AuthenticationFailed")
        }
        #expect(test.lab.performed.isEmpty)
    }

    // MARK: - Reading

    @Test("Lists and single resources, whatever the path's case and slashes")
    func reading() async throws {
        let test = try await TestService()
        for path in [
            "\(Self.network)/virtualNetworkGateways/VNet5GW",
            Self.network.replacing("resourceGroups", with: "resourcegroups") + "//virtualnetworkgateways/vnet5gw",
        ] {
            let gateway = try test.json(await test.ask("GET", path))
            #expect(gateway["name"] == "VNet5GW")
            let properties = gateway["properties"]
            #expect(properties?["gatewayType"] == "Vpn" && properties?["activeActive"] == false)
            #expect(properties?["ipConfigurations"]?.elements?.count == 1)
            #expect(properties?["provisioningState"] == "Succeeded")
        }
        let names = { (type: String) async throws -> [String] in
            try test.json(await test.ask("GET", "\(Self.network)/\(type)"))["value"]?.elements?.compactMap { $0["name"]?.string } ?? []
        }
        #expect(try await names("virtualNetworkGateways") == ["VNet5GW"])
        #expect(try await names("connections") == ["VNet5toTokyo", "VNet5toOsaka"])
        #expect(try await names("virtualNetworkGateways/VNet5GW/connections") == ["VNet5toTokyo", "VNet5toOsaka"])
        #expect(try await names("localNetworkGateways") == ["tokyo", "osaka"])
        #expect(try await names("virtualNetworks") == ["VNet5"])
        #expect(try await names("publicIPAddresses") == ["VNet5GWIP1"])
        let local = try test.json(await test.ask("GET", "\(Self.network)/localNetworkGateways/osaka"))["properties"]
        #expect(local?["gatewayIpAddress"] == "198.51.100.20")
        #expect(local?["localNetworkAddressSpace"]?["addressPrefixes"] == ["10.30.0.0/16", "10.31.0.0/16"])
    }

    @Test("A connection's state and bytes are those of its SAs")
    func connection() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/connections/VNet5toOsaka"
        let properties = try test.json(await test.ask("GET", path))["properties"]
        #expect(properties?["connectionStatus"] == "Connected")
        #expect(properties?["ingressBytesTransferred"] == 1_000 && properties?["egressBytesTransferred"] == 2_000)
        let policy = try #require(properties?["ipsecPolicies"]?.elements?.first)
        for member in [
            "saLifeTimeSeconds", "saDataSizeKilobytes", "ipsecEncryption", "ipsecIntegrity", "ikeEncryption", "ikeIntegrity", "dhGroup",
            "pfsGroup",
        ] { #expect(policy[member] != nil, "\(member)") }
        #expect(policy["dhGroup"] == "DHGroup14")
        test.lab.state.withLock { $0.isConnected = false }
        let away = try test.json(await test.ask("GET", path))["properties"]
        #expect(away?["connectionStatus"] == "NotConnected" && away?["ingressBytesTransferred"] == 0)
    }

    @Test(
        "What is not there is told as the service tells it",
        arguments: [
            ("\(network)/virtualNetworkGateways/nope", "ResourceNotFound"), ("\(network)/connections/nope", "ResourceNotFound"),
            ("\(network)/localNetworkGateways/nope", "ResourceNotFound"),
            ("/subscriptions/\(TestService.identity.subscription)/resourceGroups/nope", "ResourceGroupNotFound"),
            ("/subscriptions/nope/resourceGroups/TestRG5", "SubscriptionNotFound"), ("/what/is/this", "InvalidResourceType"),
            ("\(network)/expressRoutes", "InvalidResourceType"),
        ])
    func missing(path: String, code: String) async throws {
        let test = try await TestService()
        let response = await test.ask("GET", path)
        #expect(response.status == 404)
        #expect(try test.json(response)["error"]?["code"]?.string == code)
    }

    // MARK: - Resets

    @Test("A gateway's reset: 202 with both URLs, in progress while it is, then the gateway", arguments: [nil, "None", "203.0.113.10"])
    func reset(address: String?) async throws {
        let test = try await TestService()
        test.lab.hold(true)
        let path = "\(Self.network)/virtualNetworkGateways/VNet5GW"
        let accepted = await test.ask("POST", "\(path)/reset", query: address.map { ["gatewayvip": $0] } ?? [:])
        #expect(accepted.status == 202 && accepted.body.isEmpty)
        #expect(accepted.headers["Retry-After"] == "1")
        for name in ["Azure-AsyncOperation", "Location"] { #expect(accepted.headers[name]?.hasPrefix("https://") == true) }
        let poll = TestService.path(try #require(accepted.headers["Location"]))
        #expect(await test.ask("GET", poll).status == 202)
        #expect(try test.json(await test.ask("GET", path))["properties"]?["provisioningState"] == "Updating")
        test.lab.hold(false)
        let (status, result) = try await test.outcome(of: accepted)
        #expect(status["status"] == "Succeeded" && status["error"] == nil)
        #expect(try result.status == 200 && test.json(result)["name"] == "VNet5GW")
        #expect(try test.json(result)["properties"]?["provisioningState"] == "Succeeded")
        guard case .resetGateway(let chosen)? = test.lab.performed.first else {
            Issue.record("nothing was reset")
            return
        }
        #expect(chosen?.description == (address == "203.0.113.10" ? address : nil))
    }

    @Test("However often a client sends the same request again, one reset is done; another request meets a busy gateway")
    func retries() async throws {
        let test = try await TestService()
        test.lab.hold(true)
        let path = "\(Self.network)/virtualNetworkGateways/VNet5GW/reset"
        let first = await test.ask("POST", path, headers: ["x-ms-client-request-id": "one"])
        for _ in 0..<3 {
            #expect(await test.ask("POST", path, headers: ["x-ms-client-request-id": "one"]).headers == first.headers)
        }
        for headers in [["x-ms-client-request-id": "two"], [:]] {
            let busy = await test.ask("POST", path, headers: headers)
            #expect(busy.status == 409)
            #expect(try test.json(busy)["error"]?["code"] == "AnotherOperationInProgress")
        }
        // Its connections are busy with it.
        #expect(await test.ask("POST", "\(Self.network)/connections/VNet5toTokyo/resetconnection").status == 409)
        test.lab.hold(false)
        _ = try await test.outcome(of: first)
        #expect(test.lab.performed.count == 1)
        // Late repetitions are told of the one that is done.
        #expect(await test.ask("POST", path, headers: ["x-ms-client-request-id": "one"]).status == 202)
        #expect(test.lab.performed.count == 1)
    }

    @Test("A reset that fails says why, in the operation and in its result")
    func failedReset() async throws {
        let test = try await TestService()
        test.lab.state.withLock {
            $0.outcome = .init(
                succeeded: false, reason: "tokyo never came back", subject: "gateway-0", began: 0, ended: 1, beganWallClock: 0, costs: [])
        }
        let (status, result) = try await test.outcome(of: await test.ask("POST", "\(Self.network)/virtualNetworkGateways/VNet5GW/reset"))
        #expect(status["status"] == "Failed")
        #expect(status["error"]?["message"] == "tokyo never came back")
        #expect(try result.status == 500 && test.json(result)["error"]?["code"] == "ResetGatewayFailed")
        // The lab itself may be busy with what someone does beside the service.
        test.lab.state.withLock { $0.refusal = .init(kind: .badRequest, message: "gateway-0 is restarting already") }
        let refused = try await test.outcome(of: await test.ask("POST", "\(Self.network)/virtualNetworkGateways/VNet5GW/reset"))
        #expect(refused.status["error"]?["message"] == "gateway-0 is restarting already")
    }

    @Test("Of an active-active gateway the instance with the address is reset; another address is an error")
    func addresses() async throws {
        let test = try await TestService(topology: FakeLab.activeActive)
        let path = "\(Self.network)/virtualNetworkGateways/VNet5GW/reset"
        let wrong = await test.ask("POST", path, query: ["gatewayvip": "203.0.113.99"])
        #expect(wrong.status == 400)
        #expect(try test.json(wrong)["error"]?["message"] == "gatewayVip: found 203.0.113.99; allowed: 203.0.113.10, 203.0.113.11")
        _ = try await test.outcome(of: await test.ask("POST", path, query: ["gatewayvip": "203.0.113.11"]))
        #expect(test.lab.performed == [.resetGateway(address: test.lab.plan.gateway.instances[1].addresses[0])])
    }

    @Test("A connection's reset ends without content")
    func connectionReset() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/connections/VNet5toOsaka/resetconnection"
        let accepted = await test.ask("POST", path)
        // An answer of 204 at once breaks the SDK.
        #expect(accepted.status == 202)
        let (status, result) = try await test.outcome(of: accepted)
        #expect(status["status"] == "Succeeded" && result.status == 204 && result.body.isEmpty)
        #expect(test.lab.performed == [.resetConnection(1)])
        #expect(await test.ask("GET", path).status == 405)
    }

    @Test("The classic model resets by the virtual network's name", arguments: ["VNet5", "Group TestRG5 VNet5", "group testrg5 vnet5"])
    func classic(name: String) async throws {
        let test = try await TestService()
        let base = "/\(TestService.identity.subscription)/services/networking"
        let accepted = await test.ask("POST", "\(base)/\(name)/gateway")
        #expect(accepted.status == 202)
        let text = String(decoding: accepted.body, as: UTF8.self)
        let id = try #require(text.firstMatch(of: /<ID>(.*)<\/ID>/)?.1)
        var answer = ""
        for _ in 0..<1_000 where !answer.contains("Successful") {
            answer = String(decoding: await test.ask("GET", "\(base)/operation/\(id)").body, as: UTF8.self)
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(answer.contains("<Status>Successful</Status><HttpStatusCode>200</HttpStatusCode>"))
        #expect(test.lab.performed == [.resetGateway(address: nil)])
        #expect(await test.ask("POST", "\(base)/Group Other VNet5/gateway").status == 404)
    }

    // MARK: - Keys

    @Test("The shared key is read, written and made anew, and stands in no other answer")
    func sharedKey() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/connections/VNet5toTokyo"
        #expect(try test.json(await test.ask("GET", "\(path)/sharedkey"))["value"] == "a very secret key")
        for other in [path, "\(Self.network)/connections", "\(Self.network)/virtualNetworkGateways/VNet5GW", "/subscriptions"] {
            let body = String(decoding: await test.ask("GET", other).body, as: UTF8.self)
            #expect(!body.contains("secret"))
        }
        let written = await test.ask("PUT", "\(path)/sharedkey", body: ["value": "another"])
        #expect(written.status == 201 && written.headers["Azure-AsyncOperation"] != nil)
        _ = try await test.outcome(of: written)
        #expect(try await test.lab.preSharedKey(ofConnection: 0).secret == Array("another".utf8))
        let reset = await test.ask("POST", "\(path)/sharedkey/reset", body: ["keyLength": 24])
        let (_, result) = try await test.outcome(of: reset)
        #expect(try test.json(result)["value"]?.string?.count == 24)
        #expect(try await test.lab.preSharedKey(ofConnection: 0).secret.count == 24)
        // As az vpn-connection update does it: the whole connection with its key in it.
        var whole = try test.json(await test.ask("GET", path))
        guard case .object(var members) = whole, case .object(var properties)? = members["properties"] else { return }
        properties["sharedKey"] = "by the connection"
        members["properties"] = .object(properties)
        whole = .object(members)
        let put = await test.ask("PUT", path, body: whole)
        #expect(put.status == 201 && !String(decoding: put.body, as: UTF8.self).contains("by the connection"))
        _ = try await test.outcome(of: put)
        #expect(try await test.lab.preSharedKey(ofConnection: 0).secret == Array("by the connection".utf8))
    }

    @Test(
        "A key that is none is refused, and not repeated",
        arguments: [
            .null, ["value": ""], ["value": 5], ["value": .string(String(repeating: "hush", count: 33))], ["value": "hush\u{e9}"], "hush",
        ] as [JSONValue])
    func badKey(body: JSONValue) async throws {
        let test = try await TestService()
        let response = await test.ask("PUT", "\(Self.network)/connections/VNet5toTokyo/sharedkey", body: body)
        #expect(response.status == 400)
        #expect(!String(decoding: response.body, as: UTF8.self).contains("hush"))
        #expect(await test.ask("POST", "\(Self.network)/connections/VNet5toTokyo/sharedkey/reset", body: ["keyLength": 129]).status == 400)
        #expect(try await test.lab.preSharedKey(ofConnection: 0).secret == Array("a very secret key".utf8))
    }

    @Test("What cannot be changed while the lab stands is refused, not passed over")
    func otherChanges() async throws {
        let test = try await TestService()
        let gateway = "\(Self.network)/virtualNetworkGateways/VNet5GW"
        let whole = try test.json(await test.ask("GET", gateway))
        #expect(await test.ask("PUT", gateway, body: whole).status == 200)
        let other = await test.ask("PUT", gateway, body: ["properties": ["activeActive": true]])
        #expect(try other.status == 400 && test.json(other)["error"]?["target"] == "properties.activeActive")
        let path = "\(Self.network)/connections/VNet5toTokyo"
        for (name, value) in [
            ("connectionType", "Vnet2Vnet"), ("localNetworkGateway2", ["id": "/x/localNetworkGateways/osaka"]),
            ("virtualNetworkGateway1", ["id": "/x/virtualNetworkGateways/other"]),
        ] as [(String, JSONValue)] {
            let refused = await test.ask("PUT", path, body: ["properties": [name: value]])
            #expect(try refused.status == 400 && test.json(refused)["error"]?["target"]?.string == "properties.\(name)")
        }
        #expect(await test.ask("POST", path).status == 405)
        #expect(await test.ask("DELETE", "\(path)/sharedkey").status == 405)
    }

    // MARK: - New connections

    private static let local: JSONValue = [
        "location": "lab",
        "properties": ["gatewayIpAddress": "198.51.100.30", "localNetworkAddressSpace": ["addressPrefixes": ["10.40.0.0/16"]]],
    ]

    private static func connection(_ key: JSONValue = "for the new one") -> JSONValue {
        [
            "location": "lab",
            "properties": [
                "connectionType": "IPsec", "sharedKey": key,
                "virtualNetworkGateway1": ["id": .string("\(network)/virtualNetworkGateways/VNet5GW")],
                "localNetworkGateway2": ["id": .string("\(network)/localNetworkGateways/kyoto")],
            ],
        ]
    }

    @Test("A local gateway waits for its connection, and that one builds the site")
    func newConnection() async throws {
        let test = try await TestService()
        let local = "\(Self.network)/localNetworkGateways/kyoto"
        #expect(await test.ask("GET", local).status == 404)
        #expect(await test.ask("PUT", local, body: ["properties": [:]]).status == 400)
        #expect(await test.ask("PUT", local, body: Self.local).status == 201)
        #expect(try test.json(await test.ask("GET", local))["properties"]?["gatewayIpAddress"] == "198.51.100.30")
        let list = try test.json(await test.ask("GET", "\(Self.network)/localNetworkGateways"))["value"]?.elements
        #expect(list?.compactMap { $0["name"]?.string } == ["tokyo", "osaka", "kyoto"])

        let path = "\(Self.network)/connections/VNet5toKyoto"
        let created = await test.ask("PUT", path, body: Self.connection())
        #expect(created.status == 201)
        #expect(!String(decoding: created.body, as: UTF8.self).contains("for the new one"))
        let (status, _) = try await test.outcome(of: created)
        #expect(status["status"] == "Succeeded")
        let added = test.lab.state.withLock { $0.added }
        #expect(added.count == 1 && added[0].localGateway["name"] == "kyoto" && added[0].connection["name"] == "VNet5toKyoto")
        #expect(added[0].key.secret == Array("for the new one".utf8))
        #expect(added[0].connection["properties"]?["sharedKey"] == nil)
        #expect(try test.json(await test.ask("GET", path))["properties"]?["connectionStatus"] == "Connected")
    }

    @Test("What makes no connection is refused, and builds nothing")
    func badConnections() async throws {
        let test = try await TestService()
        let path = "\(Self.network)/connections/VNet5toKyoto"
        let without = await test.ask("PUT", path, body: Self.connection())
        #expect(try test.json(without)["error"]?["target"] == "properties.localNetworkGateway2")
        _ = await test.ask("PUT", "\(Self.network)/localNetworkGateways/kyoto", body: Self.local)
        for (body, target) in [
            (Self.connection(.null), "properties.sharedKey"), (["properties": ["sharedKey": "x"]], "properties.virtualNetworkGateway1"),
            ("x", nil),
        ] as [(JSONValue, String?)] {
            let refused = await test.ask("PUT", path, body: body)
            #expect(refused.status == 400)
            #expect(try target == nil || test.json(refused)["error"]?["target"]?.string == target)
        }
        test.lab.state.withLock { $0.addRefusal = .badRequest("overlaps with tokyo") }
        let (status, _) = try await test.outcome(of: await test.ask("PUT", path, body: Self.connection()))
        #expect(status["status"] == "Failed" && status["error"]?["message"] == "overlaps with tokyo")
        #expect(await test.ask("GET", path).status == 404)
        #expect(await test.ask("DELETE", "\(Self.network)/localNetworkGateways/tokyo").status == 400)
        #expect(await test.ask("DELETE", "\(Self.network)/localNetworkGateways/kyoto").status == 200)
        #expect(await test.ask("GET", "\(Self.network)/localNetworkGateways/kyoto").status == 404)
    }

    @Test("A deployment with a connection in it, as az vpn-connection create sends it")
    func deployment() async throws {
        let test = try await TestService()
        _ = await test.ask("PUT", "\(Self.network)/localNetworkGateways/kyoto", body: Self.local)
        let base = "/subscriptions/\(TestService.identity.subscription)/resourcegroups/TestRG5/providers/Microsoft.Resources/deployments"
        guard case .object(var resource) = Self.connection("[parameters('sharedKey')]") else { return }
        resource["type"] = "Microsoft.Network/connections"
        resource["name"] = "VNet5toKyoto"
        let body: JSONValue = [
            "properties": [
                "mode": "Incremental", "parameters": ["sharedKey": ["value": "by a parameter"]],
                "template": ["parameters": ["sharedKey": ["type": "securestring"]], "resources": [.object(resource)]],
            ]
        ]
        #expect(await test.ask("GET", "\(base)/vpn_deploy").status == 404)
        let created = await test.ask("PUT", "\(base)/vpn_deploy", body: body)
        #expect(created.status == 201)
        #expect(try await test.outcome(of: created).status["status"] == "Succeeded")
        #expect(test.lab.state.withLock { $0.added.first?.key.secret } == Array("by a parameter".utf8))
        let properties = try test.json(await test.ask("GET", "\(base)/vpn_deploy"))["properties"]
        #expect(properties?["provisioningState"] == "Succeeded")
        #expect(properties?["outputs"]?["resource"]?["value"]?["connectionType"] == "IPsec")
        let unknown = await test.ask("PUT", "\(base)/unknown", body: ["properties": ["template": ["resources": [.object(resource)]]]])
        #expect(unknown.status == 400)
        #expect(String(decoding: unknown.body, as: UTF8.self).contains("resources[0].properties.sharedKey: the value of [parameters("))
        let other = await test.ask(
            "PUT", "\(base)/other", body: ["properties": ["template": ["resources": [["type": "Microsoft.Compute/disks", "name": "d"]]]]])
        #expect(try other.status == 400 && test.json(other)["error"]?["code"] == "InvalidTemplateDeployment")
    }

    // MARK: - SAs and health

    @Test("IKE SAs are a JSON text in a JSON string")
    func associations() async throws {
        let test = try await TestService()
        let (_, result) = try await test.outcome(of: await test.ask("POST", "\(Self.network)/connections/VNet5toTokyo/getikesas"))
        let text = try #require(try test.json(result).string)
        let association = try #require(try JSONValue(parsing: Array(text.utf8)).elements?.first)
        let child = try #require(association["quickModeSa"]?.elements?.first)
        #expect(child["inboundSPi"] == 255 && child["outboundSPi"] == 256)
        #expect(child["remoteTrafficSelectors"] == ["10.20.0.0/16"])
    }

    @Test("Resource Health: the newest entry is the current one, and the history has all of them")
    func health() async throws {
        let test = try await TestService()
        let base = 1_700_000_000_000_000_000 as Int64
        test.lab.state.withLock { state in
            state.health = [
                HealthEntry(
                    resource: "VNet5GW", kind: .gateway, since: base, until: base + 5_000_000_000, availability: .available,
                    reason: "the lab stands"),
                HealthEntry(
                    resource: "VNet5GW", kind: .gateway, since: base + 5_000_000_000, availability: .unavailable, reason: "reset requested",
                    cause: .userInitiated),
                HealthEntry(resource: "VNet5toTokyo", kind: .connection, since: base, availability: .available, reason: "connected"),
            ]
        }
        let path = "\(Self.network)/virtualNetworkGateways/VNet5GW/providers/Microsoft.ResourceHealth/availabilityStatuses"
        let current = try test.json(await test.ask("GET", "\(path)/current"))
        #expect(current["properties"]?["availabilityState"] == "Unavailable")
        #expect(current["properties"]?["context"] == "Customer Initiated")
        #expect(current["properties"]?["occurredTime"] == "2023-11-14T22:13:25.000Z")
        let history = try test.json(await test.ask("GET", path))["value"]?.elements
        #expect(history?.map { $0["properties"]?["availabilityState"] } == ["Unavailable", "Available"])
        let all = try test.json(
            await test.ask(
                "GET", "/subscriptions/\(TestService.identity.subscription)/providers/Microsoft.ResourceHealth/availabilityStatuses"))
        #expect(all["value"]?.elements?.count == 3)
    }

    // MARK: - Bad requests

    @Test("No body, path or query makes it stumble")
    func fuzzed() async throws {
        let test = try await TestService()
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "subscriptions", TestService.identity.subscription, "resourceGroups", "TestRG5", "providers", "Microsoft.Network",
            "connections",
            "VNet5toTokyo", "sharedkey", "reset", "virtualNetworkGateways", "VNet5GW", "locations", "operations", "..", "", "%", "🦤",
            "services", "networking", "availabilityStatuses", "Microsoft.ResourceHealth", "current",
        ]
        for _ in 0..<3_000 {
            let path = (0..<Int.random(in: 0...10, using: &generator)).compactMap { _ in pieces.randomElement(using: &generator) }
            let body = (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let request = APIRequest(
                ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "X"].randomElement(using: &generator) ?? "GET",
                "/" + path.joined(separator: "/"),
                headers: ["authorization": "Bearer \(test.service.token.text)"], body: body)
            let response = await test.service.respond(to: request)
            #expect((200..<500).contains(response.status), "\(request)")
            if response.status >= 400 { #expect(try test.json(response)["error"]?["code"]?.string?.isEmpty == false) }
        }
    }
}
