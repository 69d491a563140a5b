import Addressing
import LabPlan
import Testing

@testable import Topology

@Suite struct LoadingTests {
    private func load(_ replacements: [Int: String]) throws -> Topology {
        try Topology.load(text: GoodTopology.with(replacements), file: "lab.yaml")
    }

    @Test func valuesAreTakenAsWritten() throws {
        let topology = try load([:])
        #expect(topology.name == "lab")
        #expect(topology.file == "lab.yaml")
        #expect(topology.gateway.name == "GW")
        #expect(topology.gateway.addresses.map(\.description) == ["203.0.113.10"])
        #expect(topology.gateway.link == Topology.Link(to: nil, from: nil))
        let tokyo = try #require(topology.sites.first)
        #expect(tokyo.address.description == "198.51.100.10")
        #expect(tokyo.prefixes.map(\.description) == ["10.20.0.0/16"])
        let impairment = Impairment(delay: .milliseconds(20), jitter: .milliseconds(1))
        #expect(tokyo.link == Topology.Link(to: impairment, from: impairment))
        #expect(tokyo.connection.name == "tokyo")
        #expect(tokyo.connection.preSharedKeys?.site.secret == Array(GoodTopology.secret.utf8))
        #expect(tokyo.connection.preSharedKeys?.gateway == tokyo.connection.preSharedKeys?.site)
        #expect(tokyo.connection.policies.site.pfsGroup == .pfs2)
        #expect(tokyo.connection.policies.gateway == tokyo.connection.policies.site)
        #expect(topology.sites[1].connection.preSharedKeys == nil)
        #expect(topology.sites[1].connection.policies.site == .routeBasedDefault)
        #expect(topology.sites[1].link == Topology.Link(to: nil, from: nil))
    }

    @Test func whatIsNotWrittenIsTheUsual() throws {
        let topology = try load([18: "", 19: "", 20: ""])
        #expect(
            topology.rehearsal
                == RehearsalPlan(
                    duration: .seconds(60), steps: [.init(.at(.seconds(20)), .perform(.resetGateway(address: nil)))], probeRate: 100,
                    probePayload: 64))
        #expect(topology.timing == TimingProfile.azure2021.plan)
    }

    @Test func theRehearsalIsRead() throws {
        let topology = try load([
            19: "  duration: 1.5min", 20: "  resetAt: 15s\n  probes: {rate: 0.5, payload: 1200}\n  expect: {maximumOutage: 2500ms}",
        ])
        #expect(
            topology.rehearsal
                == RehearsalPlan(
                    duration: .seconds(90), steps: [.init(.at(.seconds(15)), .perform(.resetGateway(address: nil)))], probeRate: 0.5,
                    probePayload: 1_200,
                    expectations: [
                        ExpectationPlan(
                            text: "outage <= 2500ms", quantity: .outage(.init()), comparison: .atMost,
                            value: .duration(.milliseconds(2_500)))
                    ]))
    }

    @Test func timingIsTheProfilesWithTheTopologysOwnValues() throws {
        let profile = try load([6: "  prefixes: [10.1.0.0/16]\n  timing: {profile: azure-2025-03}"])
        #expect(profile.timing == TimingProfile.azure2025.plan)
        let custom = try load([
            6: """
              prefixes: [10.1.0.0/16]
              timing:
                profile: instant
                boot: 45min
                failure: {detection: 7s}
                announcements: {count: 3}
                keyExchange: {timeout: 2s, base: 1, tries: 0}
            """
        ])
        #expect(
            custom.timing
                == TimingPlan(
                    profile: "custom", reset: .init(detection: .zero, takeover: .zero),
                    maintenance: .init(detection: .zero, takeover: .zero), failure: .init(detection: .seconds(7), takeover: .zero),
                    boot: .seconds(2_700),
                    announcements: .init(count: 3, interval: .milliseconds(1_100)),
                    keyExchange: .init(timeout: .seconds(2), base: 1, tries: 0)))
    }

    @Test func aValueEqualToTheProfilesIsStillTheProfile() throws {
        #expect(try load([6: "  prefixes: [10.1.0.0/16]\n  timing: {takeover: 5s}"]).timing.profile == "azure-2021-02")
    }

    @Test func linksTakeEachKeyFromTheDefaults() throws {
        let topology = try load([
            7: "defaults:\n  link: {delay: 12ms, jitter: 2ms, rate: 100Mbit}\nsites:",
            11: "    link: {toSite: {loss: 0.5%}, fromSite: {delay: 30ms, rate: 1.5Mbit}}",
        ])
        let usual = Impairment(delay: .milliseconds(12), jitter: .milliseconds(2), rate: 100_000_000)
        #expect(topology.sites[1].link == Topology.Link(to: usual, from: usual))
        #expect(
            topology.sites[0].link
                == Topology.Link(
                    to: Impairment(delay: .milliseconds(12), jitter: .milliseconds(2), loss: 0.005, rate: 100_000_000),
                    from: Impairment(delay: .milliseconds(30), jitter: .milliseconds(2), rate: 1_500_000)))
    }

    @Test func policiesTakeEachKeyFromTheDefaults() throws {
        let topology = try load([
            7: "defaults:\n  policy: {dhGroup: DHGroup14, saLifeTimeSeconds: 3600}\nsites:",
            14:
                "      policy: {site: {ipsecEncryption: AES256, ipsecIntegrity: SHA256}, gateway: {saLifeTimeSeconds: 300, saDataSizeKilobytes: 1024}}",
        ])
        var expected = IPsecPolicy.routeBasedDefault
        expected.dhGroup = .group14
        expected.lifetime = .seconds(3_600)
        #expect(topology.sites[1].connection.policies == Topology.PerSide(site: expected, gateway: expected))
        var (site, gateway) = (expected, expected)
        site.encryption = .aes256
        site.integrity = .sha256
        gateway.lifetime = .seconds(300)
        gateway.lifetimeKilobytes = 1_024
        #expect(topology.sites[0].connection.policies == Topology.PerSide(site: site, gateway: gateway))
    }

    @Test func keysOfBothSidesMayDiffer() throws {
        let keys = try load([13: "      preSharedKey: {site: one, gateway: 0123}"]).sites[0].connection.preSharedKeys
        #expect(keys?.site.secret == Array("one".utf8))
        #expect(keys?.gateway.secret == Array("0123".utf8))
    }

    /// Texts that YAML would make something else of are what the key's type makes of them.
    @Test(arguments: ["yes", "no", "null", "on", "0x10", "1_000", "1e3", "3.0", "~x", "12:30", "=", "'quoted'", "\"quoted\""])
    func aSecretIsItsText(text: String) throws {
        let key = try load([13: "      preSharedKey: \(text)"]).sites[0].connection.preSharedKeys?.site
        #expect(key?.secret == Array(text.filter { $0 != "'" && $0 != "\"" }.utf8))
    }

    @Test func aByteOrderMarkAndWindowsLineEndsAreNoError() throws {
        let text = "\u{feff}" + GoodTopology.text.replacing("\n", with: "\r\n")
        #expect(try Topology.load(text: text, file: "lab.yaml") == load([:]))
    }

    @Test func aDocumentMayHaveItsMarkers() throws {
        #expect(try Topology.load(text: "%YAML 1.1\n---\n" + GoodTopology.text + "...\n", file: "lab.yaml") == load([:]))
    }

    @Test func countedSitesAreWrittenOut() throws {
        let topology = try load([
            15: "  - name: branch\n    count: 300\n    connection: {name: Branch}", 16: "    address: 198.18.0.1",
            17: "    prefixes: [10.64.0.0/24, 172.16.0.0/29]",
        ])
        #expect(topology.sites.count == 301)
        let first = topology.sites[1]
        #expect((first.name, first.connection.name) == ("branch-0001", "Branch-0001"))
        #expect(first.address.description == "198.18.0.1")
        #expect(first.prefixes.map(\.description) == ["10.64.0.0/24", "172.16.0.0/29"])
        let last = topology.sites[300]
        #expect((last.name, last.connection.name) == ("branch-0300", "Branch-0300"))
        #expect(last.address.description == "198.18.1.44")
        #expect(last.prefixes.map(\.description) == ["10.65.43.0/24", "172.16.9.88/29"])
    }

    @Test func aCountOfOneIsStillNumbered() throws {
        #expect(try load([15: "  - name: osaka\n    count: 1"]).sites[1].name == "osaka-0001")
    }

    @Test func noDescriptionShowsAKey() throws {
        let topology = try load([:])
        #expect(!"\(topology)".contains(GoodTopology.secret))
        #expect(!String(reflecting: topology).contains(GoodTopology.secret))
    }
}
