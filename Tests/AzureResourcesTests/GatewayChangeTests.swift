import AzureResources
import LabPlan
import ManagementAPI
import Testing
import Topology

@Suite struct GatewayChangeTests {
    private static func plan(_ connection: String = "") throws -> LabPlan {
        let text = """
            {resetlab: 1, name: small, gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}, sites: [
             {name: a, address: 198.51.100.1, prefixes: [10.2.0.0/16], connection: {name: one, preSharedKey: "hush" \(connection)}},
             {name: b, address: 198.51.100.2, prefixes: [10.3.0.0/16], connection: {name: two}}]}
            """
        return try Topology.load(text: text, file: "small.yaml").plan(seed: 1)
    }

    private static let key = PreSharedKey(secret: Array("new".utf8))

    /// - Parameter change: of the connection's and the local gateway's properties.
    private static func configuration(
        of plan: LabPlan, _ change: (inout [String: JSONValue], inout [String: JSONValue]) -> Void
    ) throws -> ConnectionPlan.GatewayConfiguration {
        let resources = ResourceExport(plan: plan, resourceGroup: "RG", subscription: "s", location: "here").resources
        guard case .object(var connection)? = resources["connections"]?.elements?.first,
            case .object(var local)? = resources["localNetworkGateways"]?.elements?.first,
            case .object(var properties)? = connection["properties"], case .object(var own)? = local["properties"]
        else { throw Missing() }
        change(&properties, &own)
        connection["properties"] = .object(properties)
        local["properties"] = .object(own)
        return try GatewayChange(of: 0, in: plan).configuration(
            connection: .object(connection), localGateway: .object(local), key: key)
    }

    private struct Missing: Error {}

    @Test("What is written as it was changes nothing but the key")
    func unchanged() throws {
        for own in ["", ", deadPeerDetection: {gateway: {timeout: 20s, interval: 3s, action: hold}}", ", mode: {gateway: ResponderOnly}"] {
            let plan = try Self.plan(own)
            var expected = plan.connections[0].gatewayConfiguration
            expected.side.preSharedKey = Self.key
            #expect(try Self.configuration(of: plan) { _, _ in } == expected)
        }
    }

    @Test("What resources can say is changed, what they cannot say stays")
    func changes() throws {
        let plan = try Self.plan(", deadPeerDetection: {gateway: {timeout: 20s, interval: 3s, action: hold}}")
        let before = plan.connections[0].gatewayConfiguration
        let policy = try Self.configuration(of: plan) { connection, _ in
            connection["ipsecPolicies"] = [
                [
                    "saLifeTimeSeconds": 3_600, "saDataSizeKilobytes": 1_024_000, "ipsecEncryption": "GCMAES128",
                    "ipsecIntegrity": "GCMAES128", "ikeEncryption": "AES256", "ikeIntegrity": "SHA256", "dhGroup": "DHGroup14",
                    "pfsGroup": "None",
                ]
            ]
        }
        #expect(policy.side.policy.encryption == .gcmAES128 && policy.side.policy.lifetime == .seconds(3_600))
        #expect(policy.side.deadPeerDetection == before.side.deadPeerDetection && policy.side.selectors == before.side.selectors)
        let prefixes = try Self.configuration(of: plan) { _, local in
            local["localNetworkAddressSpace"] = ["addressPrefixes": ["10.2.0.0/16", "10.9.0.0/24"]]
            local["gatewayIpAddress"] = "198.51.100.77"
        }
        #expect(prefixes.side.selectors.map(\.site.description) == ["10.2.0.0/16", "10.9.0.0/24"])
        #expect(prefixes.siteAddress.description == "198.51.100.77" && prefixes.exists)
        let mode = try Self.configuration(of: plan) { connection, _ in connection["connectionMode"] = "InitiatorOnly" }
        #expect(mode.side.mode == .initiatorOnly)
    }

    @Test(
        "What a gateway cannot have is refused, and says where",
        arguments: [
            ("dpdTimeoutSeconds", .integer(1), "dead"), ("connectionMode", "Sometimes", "Sometimes"),
            ("ipsecPolicies", [["saLifeTimeSeconds": 3_600]], "saDataSizeKilobytes"), ("ipsecPolicies", "x", "ipsecPolicies"),
        ] as [(String, JSONValue, String)])
    func refused(name: String, value: JSONValue, told: String) throws {
        let plan = try Self.plan()
        let error = #expect(throws: APIError.self) {
            try Self.configuration(of: plan) { connection, _ in connection[name] = value }
        }
        #expect(error?.status == 400 && error?.message.contains(told) ?? false, "\(error?.message ?? "")")
    }

    @Test("A prefix of another site's is refused, also of one whose connection is deleted", arguments: [true, false])
    func overlap(exists: Bool) throws {
        var plan = try Self.plan()
        plan.connections[1].existsAtGateway = exists
        let error = #expect(throws: APIError.self) {
            try Self.configuration(of: plan) { _, local in local["localNetworkAddressSpace"] = ["addressPrefixes": ["10.3.1.0/24"]] }
        }
        #expect(error?.message.contains("overlap") ?? false, "\(error?.message ?? "")")
    }
}
