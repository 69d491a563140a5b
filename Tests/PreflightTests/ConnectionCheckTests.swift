import Foundation
import LabPlan
import Preflight
import Testing
import Topology

@Suite struct ConnectionCheckTests {
    static let secret = "s3cret-A"

    private static func lab(_ connection: String = "", gateway: String = "addresses: [203.0.113.10]") throws -> LabPlan {
        let text = """
            resetlab: 1
            name: lab
            gateway:
              name: GW
              \(gateway)
              prefixes: [10.1.0.0/16]
            sites:
              - name: tokyo
                address: 198.51.100.10
                prefixes: [10.20.0.0/16]
                connection: {name: toTokyo\(connection.isEmpty ? "" : ", ")\(connection)}
              - name: osaka
                address: 198.51.100.20
                prefixes: [10.30.0.0/16, 10.31.0.0/16, 10.32.0.0/16, 10.33.0.0/16, 10.34.0.0/16]

            """
        return try Topology.load(text: text, file: "lab.yaml").plan(seed: 1)
    }

    @Test func aRightConnectionHasNoDifference() throws {
        let checks = ConnectionCheck.all(of: try Self.lab())
        #expect(checks.map(\.connection) == ["toTokyo", "osaka"])
        #expect(checks.map(\.site) == ["tokyo", "osaka"])
        #expect(
            checks[0].items.map(\.name) == [
                "gateway's address", "site's address", "pre-shared key", "IKE encryption", "IKE integrity", "DH group", "IPsec encryption",
                "IPsec integrity", "PFS group", "SA lifetime", "selectors", "mode",
            ])
        #expect(checks.flatMap(\.items).allSatisfy { $0.verdict == .ok && $0.site == $0.gateway && $0.remark == nil })
        #expect(checks[1].items.first { $0.name == "selectors" }?.site.hasSuffix("10.33.0.0/16 – 10.1.0.0/16 and 1 more") == true)
    }

    @Test func oneConnectionCanBeChecked() throws {
        #expect(ConnectionCheck.all(of: try Self.lab(), connection: 1).map(\.connection) == ["osaka"])
    }

    @Test(
        arguments: [
            ("peerAddress: {site: 203.0.113.99}", "gateway's address", "203.0.113.99", "203.0.113.10"),
            ("peerAddress: {gateway: 198.51.100.99}", "site's address", "198.51.100.10", "198.51.100.99"),
            ("preSharedKey: {site: \(secret), gateway: \(secret)2}", "pre-shared key", "not shown", "not shown"),
            ("policy: {site: {ikeEncryption: AES128}, gateway: {}}", "IKE encryption", "AES128", "AES256"),
            ("policy: {site: {}, gateway: {ikeIntegrity: SHA1}}", "IKE integrity", "SHA256", "SHA1"),
            ("policy: {site: {dhGroup: ECP256}, gateway: {}}", "DH group", "ECP256", "DHGroup2"),
            (
                "policy: {site: {ipsecEncryption: AES256, ipsecIntegrity: SHA256}, gateway: {ipsecEncryption: AES256, ipsecIntegrity: SHA1}}",
                "IPsec integrity", "SHA256", "SHA1"
            ),
            (
                "policy: {site: {ipsecEncryption: AES128, ipsecIntegrity: SHA256}, gateway: {ipsecEncryption: AES256, ipsecIntegrity: SHA256}}",
                "IPsec encryption", "AES128", "AES256"
            ),
            ("policy: {site: {pfsGroup: PFS24}, gateway: {}}", "PFS group", "PFS24", "None"),
            (
                "selectors: {gateway: [{site: 10.20.0.0/17, gateway: 10.1.0.0/16}]}", "selectors", "10.20.0.0/16 – 10.1.0.0/16",
                "10.20.0.0/17 – 10.1.0.0/16"
            ), ("mode: ResponderOnly", "mode", "ResponderOnly", "ResponderOnly"),
            ("mode: InitiatorOnly", "mode", "InitiatorOnly", "InitiatorOnly"),
        ])
    func aDifferenceIsFoundAndNothingElse(connection: String, name: String, site: String, gateway: String) throws {
        let checks = ConnectionCheck.all(of: try Self.lab(connection))
        #expect(checks[0].differences.map { [$0.name, $0.site, $0.gateway] } == [[name, site, gateway]])
        #expect(checks[1].differences.isEmpty)
        // What text there is of it has nothing of the key.
        let encoded = String(decoding: try JSONEncoder().encode(checks), as: UTF8.self)
        #expect(!"\(checks) \(encoded)".contains(Self.secret))
    }

    @Test(
        arguments: [
            ("policy: {site: {saLifeTimeSeconds: 3600}, gateway: {}}", "SA lifetime"),
            ("policy: {site: {saDataSizeKilobytes: 1024}, gateway: {}}", "SA lifetime"),
            ("policy: {site: {dhGroup: DHGroup14}, gateway: {dhGroup: DHGroup2048}}", "DH group"),
            ("policy: {site: {dhGroup: None}, gateway: {}}", "DH group"),
            ("policy: {site: {pfsGroup: PFS14}, gateway: {pfsGroup: PFS2048}}", "PFS group"),
            ("policy: {site: {pfsGroup: PFSMM}, gateway: {pfsGroup: PFS2}}", "PFS group"),
            (
                "policy: {site: {ikeEncryption: GCMAES256, ikeIntegrity: SHA384}, gateway: {ikeEncryption: GCMAES256, ikeIntegrity: GCMAES256}}",
                "IKE integrity"
            ),
        ])
    func whatMayDifferIsNoted(connection: String, name: String) throws {
        let check = try #require(ConnectionCheck.all(of: try Self.lab(connection)).first)
        #expect(check.differences.isEmpty)
        #expect(check.items.filter { $0.verdict == .note }.map(\.name) == [name])
    }

    @Test(arguments: [("Default", "ResponderOnly"), ("InitiatorOnly", "ResponderOnly"), ("InitiatorOnly", "Default")])
    func oneThatBeginsAndOneThatAnswersAreEnough(site: String, gateway: String) throws {
        #expect(ConnectionCheck.all(of: try Self.lab("mode: {site: \(site), gateway: \(gateway)}"))[0].differences.isEmpty)
        #expect(ConnectionCheck.all(of: try Self.lab("mode: {site: \(gateway), gateway: \(site)}"))[0].differences.isEmpty)
    }

    @Test func everyTunnelIsChecked() throws {
        let lab = try Self.lab(
            "peerAddress: {site: [203.0.113.10, 203.0.113.99]}", gateway: "addresses: [203.0.113.10, 203.0.113.11]\n  activeActive: true")
        let checks = ConnectionCheck.all(of: lab)
        #expect(
            checks[0].items.prefix(4).map(\.name) == ["gateway's address 1", "site's address 1", "gateway's address 2", "site's address 2"])
        #expect(checks[0].differences.map(\.name) == ["gateway's address 2"])
    }
}
