import Addressing
import Foundation
import LabPlan
import Testing

@testable import Topology

@Suite struct PlanTests {
    private func plan(_ file: String) throws -> LabPlan { try ShippedTopologies.load("topologies/\(file).yaml").plan(seed: 7) }

    /// Every fact of a plan, one a line, so that a node's configuration reads as a list.
    private func routes(_ plan: LabPlan, _ node: String) -> [String] {
        plan.routes.filter { plan.nodes[$0.node].name == node }.map { route in
            "\(route.destination)" + (route.nextHop.map { " via \($0)" } ?? "") + " dev \(route.interface)"
                + (route.source.map { " src \($0)" } ?? "")
        }
    }

    private func addresses(_ plan: LabPlan, _ node: String) -> [String] {
        plan.addresses.filter { plan.nodes[$0.node].name == node }.map { "\($0.interface) \($0.address)" }
    }

    @Test("More probes than virtual time can send are told of beforehand, with the rate that would fit")
    func probeLoad() throws {
        var plan = try plan("two-sites")
        #expect(ProbeLoad(plan).perSecond == 400)
        #expect(ProbeLoad(plan).warning == nil)
        plan.rehearsal.probeRate = 2_500
        #expect(ProbeLoad(plan).warning == nil)
        plan.rehearsal.probeRate = 4_000
        let warning = try #require(ProbeLoad(plan).warning)
        #expect(warning.contains("found 16000 a second"))
        #expect(warning.contains("A rate of 2500.0 for each would fit"))
    }

    @Test func twoSitesHaveTheirNodes() throws {
        let plan = try plan("two-sites")
        #expect(plan.name == "two-sites")
        #expect(plan.topology == "two-sites.yaml")
        #expect(plan.seed == 7)
        #expect(!plan.usesIPv6)
        #expect(plan.nodes.map(\.name) == ["internet", "vnet", "gateway-0", "gateway-1", "tokyo", "osaka"])
        #expect(plan.nodes.map(\.kind) == [.internet, .virtualNetwork, .gatewayInstance(0), .gatewayInstance(1), .site, .site])
        #expect(plan.nodes.map(\.namespace).first == "rl-two-sites-internet")
        #expect(plan.bridges.map { "\(plan.nodes[$0.node].name) \($0.interface)" } == ["internet gw", "vnet inside"])
        #expect(plan.dummies.map { "\(plan.nodes[$0.node].name) \($0.interface)" } == ["vnet work", "tokyo lan", "osaka lan"])
        #expect(
            plan.links.map(\.name) == [
                "internet-gateway-0", "vnet-gateway-0", "internet-gateway-1", "vnet-gateway-1", "internet-tokyo", "internet-osaka",
            ])
        #expect(
            plan.links.map { "\($0.a.interface) \($0.a.bridge ?? "-") \($0.b.interface) \($0.b.bridge ?? "-")" } == [
                "gw0 gw out -", "gw0 inside in -", "gw1 gw out -", "gw1 inside in -", "s0001 - wan -", "s0002 - wan -",
            ])
    }

    @Test func twoSitesHaveTheirAddresses() throws {
        let plan = try plan("two-sites")
        #expect(addresses(plan, "internet") == ["gw 100.64.0.1/32", "s0001 100.64.0.1/32", "s0002 100.64.0.1/32"])
        #expect(addresses(plan, "vnet") == ["inside 100.64.2.1/32", "work 10.1.0.1/16"])
        #expect(addresses(plan, "gateway-0") == ["out 100.64.1.1/32", "in 100.64.2.2/32"])
        #expect(addresses(plan, "gateway-1") == ["out 100.64.1.2/32", "in 100.64.2.3/32"])
        #expect(addresses(plan, "tokyo") == ["wan 198.51.100.10/32", "lan 10.20.0.1/16"])
    }

    @Test func twoSitesHaveTheirRoutes() throws {
        let plan = try plan("two-sites")
        #expect(routes(plan, "internet") == ["203.0.113.10/32 dev gw", "198.51.100.10/32 dev s0001", "198.51.100.20/32 dev s0002"])
        #expect(
            routes(plan, "vnet") == [
                "100.64.2.10/32 dev inside", "100.64.2.2/32 dev inside", "100.64.2.3/32 dev inside",
                "10.20.0.0/16 via 100.64.2.10 dev inside src 10.1.0.1", "10.30.0.0/16 via 100.64.2.10 dev inside src 10.1.0.1",
            ])
        let instance = [
            "100.64.0.1/32 dev out", "0.0.0.0/0 via 100.64.0.1 dev out", "100.64.2.1/32 dev in", "10.1.0.0/16 via 100.64.2.1 dev in",
        ]
        #expect(routes(plan, "gateway-0") == instance)
        #expect(routes(plan, "gateway-1") == instance)
        #expect(
            routes(plan, "tokyo") == [
                "100.64.0.1/32 dev wan", "0.0.0.0/0 via 100.64.0.1 dev wan", "10.1.0.0/16 via 100.64.0.1 dev wan src 10.20.0.1",
            ])
    }

    @Test func twoSitesHaveTheirGatewayAndConnections() throws {
        let plan = try plan("two-sites")
        #expect(
            plan.gateway
                == GatewayPlan(
                    name: "VNet1GW",
                    instances: [
                        .init(name: "gateway-0", node: 2, outside: "out", inside: "in"),
                        .init(name: "gateway-1", node: 3, outside: "out", inside: "in"),
                    ],
                    virtualAddresses: [try #require(IPAddress("203.0.113.10"))], insideNextHops: [try #require(IPAddress("100.64.2.10"))],
                    prefixes: [try #require(IPPrefix("10.1.0.0/16"))]))
        let tokyo = try #require(plan.connections.first)
        #expect((tokyo.name, tokyo.site, tokyo.siteInterface, tokyo.requestID) == ("VNet1toTokyo", 4, "wan", 1))
        #expect("\(tokyo.siteAddress) \(tokyo.tunnels[0].gatewayAddress)" == "198.51.100.10 203.0.113.10")
        #expect(tokyo.gatewaySide.selectors.map { "\($0.site) \($0.gateway)" } == ["10.20.0.0/16 10.1.0.0/16"])
        #expect("\(tokyo.probes.site) \(tokyo.probes.gateway)" == "10.20.0.1 10.1.0.1")
        #expect(tokyo.siteSide == tokyo.gatewaySide)
        #expect(tokyo.siteSide.preSharedKey.secret == Array("correct horse battery staple".utf8))
        #expect(plan.connections[1].requestID == 2)
        #expect(plan.timing == TimingProfile.azure2021.plan)
    }

    @Test func linksAreImpairedInTheirOwnDirections() throws {
        let plan = try plan("two-sites")
        let tokyo = Impairment(delay: .milliseconds(20), jitter: .milliseconds(1), loss: 0.001, rate: 100_000_000)
        #expect(plan.links[4].ends.map(\.impairment) == [tokyo, tokyo])
        #expect(plan.links[0].ends.map(\.impairment) == [nil, nil])

        let text = GoodTopology.with([
            6:
                "  prefixes: [10.1.0.0/16]\n  link: {toGateway: {delay: 1ms}, fromGateway: {delay: 2ms}}\n  insideLink: {toGateway: {delay: 3ms}}",
            11: "    link: {toSite: {delay: 4ms}, fromSite: {delay: 5ms}}",
        ])
        let links = try Topology.load(text: text, file: "lab.yaml").plan(seed: 1).links
        func delays(_ link: Link) -> [Duration?] { link.ends.map { $0.impairment?.delay } }
        // The first end is the internet's or the virtual network's: what it sends goes to the gateway or the site.
        #expect(delays(links[0]) == [.milliseconds(1), .milliseconds(2)])
        #expect(delays(links[1]) == [.milliseconds(3), nil])
        #expect(delays(links[2]) == delays(links[0]))
        #expect(delays(links[3]) == delays(links[1]))
        #expect(delays(links[4]) == [.milliseconds(4), .milliseconds(5)])
        #expect(delays(links[5]) == [nil, nil])
    }

    @Test func familiesMayDifferInsideAndOutside() throws {
        let plan = try plan("ipv6")
        #expect(plan.usesIPv6)
        #expect(plan.gateway.virtualAddresses.map(\.description) == ["203.0.113.10", "2001:db8:0:1::10"])
        #expect(plan.gateway.insideNextHops.map(\.description) == ["100.64.2.10", "fe80::a"])
        #expect(addresses(plan, "internet").prefix(4) == ["gw 100.64.0.1/32", "gw fe80::1/64", "s0001 100.64.0.1/32", "s0001 fe80::1/64"])
        #expect(
            addresses(plan, "vnet") == ["inside 100.64.2.1/32", "inside fe80::1/64", "work 10.1.0.1/16", "work 2001:db8:1000::1/48"])
        #expect(
            routes(plan, "gateway-1") == [
                "100.64.0.1/32 dev out", "0.0.0.0/0 via 100.64.0.1 dev out", "::/0 via fe80::1 dev out", "100.64.2.1/32 dev in",
                "10.1.0.0/16 via 100.64.2.1 dev in", "2001:db8:1000::/48 via fe80::1 dev in",
            ])
        #expect(
            routes(plan, "vnet").suffix(4) == [
                "2001:db8:2000::/48 via fe80::a dev inside src 2001:db8:1000::1",
                "2001:db8:3000::/48 via fe80::a dev inside src 2001:db8:1000::1",
                "10.30.0.0/16 via 100.64.2.10 dev inside src 10.1.0.1", "10.40.0.0/16 via 100.64.2.10 dev inside src 10.1.0.1",
            ])
        // IPv6 alone: nothing of IPv4.
        #expect(addresses(plan, "sapporo") == ["wan 2001:db8:0:2::10/128", "lan 2001:db8:2000::1/48"])
        #expect(
            routes(plan, "sapporo") == [
                "::/0 via fe80::1 dev wan", "2001:db8:1000::/48 via fe80::1 dev wan src 2001:db8:2000::1",
            ])
        // Both families inside, IPv4 outside.
        #expect(
            routes(plan, "sendai") == [
                "100.64.0.1/32 dev wan", "0.0.0.0/0 via 100.64.0.1 dev wan", "::/0 via fe80::1 dev wan",
                "10.1.0.0/16 via 100.64.0.1 dev wan src 10.30.0.1", "2001:db8:1000::/48 via fe80::1 dev wan src 2001:db8:3000::1",
            ])
        // IPv4 inside, IPv6 outside.
        #expect(addresses(plan, "naha") == ["wan 2001:db8:0:3::10/128", "lan 10.40.0.1/16"])
        #expect(
            routes(plan, "naha") == [
                "100.64.0.1/32 dev wan", "0.0.0.0/0 via 100.64.0.1 dev wan", "::/0 via fe80::1 dev wan",
                "10.1.0.0/16 via 100.64.0.1 dev wan src 10.40.0.1",
            ])
        #expect(
            plan.connections.map { "\($0.siteAddress) \($0.tunnels[0].gatewayAddress)" } == [
                "2001:db8:0:2::10 2001:db8:0:1::10", "198.51.100.10 203.0.113.10", "2001:db8:0:3::10 2001:db8:0:1::10",
            ])
        #expect(
            plan.connections[1].gatewaySide.selectors.map { "\($0.site) \($0.gateway)" } == [
                "2001:db8:3000::/48 2001:db8:1000::/48", "10.30.0.0/16 10.1.0.0/16",
            ])
        #expect("\(plan.connections[1].probes.site) \(plan.connections[1].probes.gateway)" == "2001:db8:3000::1 2001:db8:1000::1")
    }

    @Test func selectorsAreAllPairsOfAFamily() throws {
        let text = GoodTopology.with([6: "  prefixes: [10.1.0.0/16, 10.2.0.0/16]", 10: "    prefixes: [10.20.0.0/16, 10.21.0.0/31]"])
        let plan = try Topology.load(text: text, file: "lab.yaml").plan(seed: 1)
        #expect(
            plan.connections[0].gatewaySide.selectors.map { "\($0.site) \($0.gateway)" } == [
                "10.20.0.0/16 10.1.0.0/16", "10.20.0.0/16 10.2.0.0/16", "10.21.0.0/31 10.1.0.0/16", "10.21.0.0/31 10.2.0.0/16",
            ])
        #expect(addresses(plan, "tokyo") == ["wan 198.51.100.10/32", "lan 10.20.0.1/16", "lan 10.21.0.0/31"])
        #expect(addresses(plan, "vnet").suffix(2) == ["work 10.1.0.1/16", "work 10.2.0.1/16"])
        #expect(
            routes(plan, "tokyo").suffix(2) == [
                "10.1.0.0/16 via 100.64.0.1 dev wan src 10.20.0.1", "10.2.0.0/16 via 100.64.0.1 dev wan src 10.20.0.1",
            ])
    }

    @Test func onlyIPv6InsideHasOneNextHop() throws {
        let text = GoodTopology.with([
            6: "  prefixes: ['2001:db8:1::/48']", 10: "    prefixes: ['2001:db8:2::/48']", 17: "    prefixes: ['2001:db8:3::/48']",
        ])
        let plan = try Topology.load(text: text, file: "lab.yaml").plan(seed: 1)
        #expect(plan.usesIPv6)
        #expect(plan.gateway.insideNextHops.map(\.description) == ["fe80::a"])
        #expect(routes(plan, "vnet").contains("100.64.2.10/32 dev inside"))
    }

    /// What is not encrypted cannot cross the internet.
    @Test(arguments: ShippedTopologies.files)
    func theInternetKnowsNoProtectedPrefix(file: String) throws {
        let plan = try ShippedTopologies.load(file).plan(seed: 1)
        let protected = plan.connections.flatMap(\.gatewaySide.selectors).flatMap { [$0.site, $0.gateway] }
        let internet = plan.routes.filter { $0.node == LabPlan.internet }
        #expect(!internet.isEmpty)
        for route in internet { #expect(!protected.contains { $0.overlaps(route.destination) }, "\(route.destination)") }
    }

    /// Addresses that move belong to the active instance, not to the plan of any node.
    @Test(arguments: ShippedTopologies.files)
    func movingAddressesAreOnNoInterface(file: String) throws {
        let plan = try ShippedTopologies.load(file).plan(seed: 1)
        let instances = plan.gateway.instances.flatMap { $0.addresses + $0.insideNextHops }
        let moving = plan.gateway.virtualAddresses + plan.gateway.insideNextHops + instances
        #expect(!moving.isEmpty)
        for address in plan.addresses { #expect(!moving.contains(address.address.address)) }
    }

    @Test func aThousandSitesHaveTheirOwnOfEverything() throws {
        let text = GoodTopology.with([
            6: "  prefixes: [172.16.0.0/16]", 8: "  - name: headquarters", 15: "  - name: branch\n    count: 999",
            16: "    address: 198.18.0.1",
            17: "    prefixes: [10.64.0.0/24]",
        ])
        let plan = try Topology.load(text: text, file: "lab.yaml").plan(seed: 1)
        #expect(plan.connections.count == 1_000)
        #expect(Set(plan.nodes.map(\.namespace)).count == plan.nodes.count)
        #expect(plan.nodes.allSatisfy { $0.namespace.utf8.count <= 255 })
        #expect(Set(plan.links.map(\.name)).count == plan.links.count)
        let interfaces =
            plan.links.flatMap(\.ends).map { "\($0.node) \($0.interface)" } + plan.bridges.map { "\($0.node) \($0.interface)" }
            + plan.dummies.map { "\($0.node) \($0.interface)" }
        #expect(Set(interfaces).count == interfaces.count)
        #expect(plan.links.flatMap(\.ends).allSatisfy { $0.interface.utf8.count <= 15 })
        let macs = plan.links.flatMap(\.ends).map(\.mac) + plan.bridges.map(\.mac)
        #expect(Set(macs).count == macs.count)
        #expect(Set(plan.connections.map(\.requestID)) == Set(1...1_000))
        #expect(Set(plan.connections.map(\.name)).count == 1_000)
        #expect(Set(plan.connections.map(\.siteAddress)).count == 1_000)
        #expect(plan.links.last?.a.interface == "s1000")
        // Every interface that has an address or a route exists.
        let known = Set(interfaces)
        #expect(plan.addresses.allSatisfy { known.contains("\($0.node) \($0.interface)") })
        #expect(plan.routes.allSatisfy { known.contains("\($0.node) \($0.interface)") })
        // No interface has an address twice, no node a route twice.
        #expect(Set(plan.addresses.map { "\($0.node) \($0.interface) \($0.address)" }).count == plan.addresses.count)
        #expect(Set(plan.routes.map { "\($0.node) \($0.destination)" }).count == plan.routes.count)
    }

    // MARK: - Arguments

    @Test func theSamePlanComesFromTheSameArguments() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try encoder.encode(plan("many-sites")) == encoder.encode(plan("many-sites")))
        let decoded = try JSONDecoder().decode(LabPlan.self, from: encoder.encode(plan("ipv6")))
        #expect(try decoded == plan("ipv6"))
    }

    @Test func generatedKeysDependOnSeedAndConnectionAlone() throws {
        let topology = try ShippedTopologies.load("topologies/many-sites.yaml")
        let plan = try topology.plan(seed: 1)
        let keys = plan.connections.map(\.siteSide.preSharedKey.secret)
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.count == 32 && $0.allSatisfy { (0x21...0x7e).contains($0) } })
        #expect(plan.connections.allSatisfy { $0.siteSide == $0.gatewaySide })
        #expect(try topology.plan(labName: "other", seed: 1).connections == plan.connections)
        let others = try topology.plan(seed: 2).connections.map(\.siteSide.preSharedKey.secret)
        #expect(Set(others).isDisjoint(with: keys))
    }

    @Test func theLabsNameIsInEveryNamespace() throws {
        let plan = try ShippedTopologies.load("topologies/two-sites.yaml").plan(labName: "night", seed: 1)
        #expect(plan.name == "night")
        #expect(plan.nodes.allSatisfy { $0.namespace == "rl-night-\($0.name)" })
    }

    @Test(arguments: ["", "Lab", "../x", "a23456789012345678901", "-a", "a b"])
    func aWrongNameMakesNoPlan(name: String) throws {
        let topology = try ShippedTopologies.load("topologies/two-sites.yaml")
        let error = #expect(throws: PlanError.self) { try topology.plan(labName: name, seed: 1) }
        #expect(error?.key == "name")
    }

    @Test func overridesReplaceTheTopologysValues() throws {
        let topology = try ShippedTopologies.load("topologies/two-sites.yaml")
        let overrides = RehearsalOverrides(duration: .seconds(120), resetAt: .seconds(70), probeRate: 5, probePayload: 100)
        let plan = try topology.plan(seed: 1, overrides: overrides)
        #expect(
            plan.rehearsal
                == RehearsalPlan(
                    duration: .seconds(120), steps: [.init(.at(.seconds(70)), .perform(.resetGateway(address: nil)))], probeRate: 5,
                    probePayload: 100, expectations: topology.rehearsal.expectations))
    }

    @Test(arguments: [
        (RehearsalOverrides(duration: .seconds(15)), "duration", "15s"),
        (RehearsalOverrides(duration: .seconds(86_401)), "duration", "86401s"),
        (RehearsalOverrides(duration: .seconds(20)), "resetAt", "20s"), (RehearsalOverrides(resetAt: .seconds(14)), "resetAt", "14s"),
        (RehearsalOverrides(resetAt: .seconds(60)), "resetAt", "1min"), (RehearsalOverrides(probeRate: 0), "probes.rate", "0"),
        (RehearsalOverrides(probeRate: .nan), "probes.rate", "nan"), (RehearsalOverrides(probePayload: 31), "probes.payload", "31"),
    ])
    func wrongOverridesMakeNoPlan(overrides: RehearsalOverrides, key: String, found: String) throws {
        let topology = try ShippedTopologies.load("topologies/two-sites.yaml")
        let error = #expect(throws: PlanError.self) { try topology.plan(seed: 1, overrides: overrides) }
        #expect(error?.key == key)
        #expect(error?.found.contains(found) == true)
    }
}
