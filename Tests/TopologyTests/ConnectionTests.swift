import LabPlan
import Testing

@testable import Topology

/// What a connection's and a gateway's keys become in the plan.
@Suite struct ConnectionTests {
    private func plan(_ replacements: [Int: String]) throws -> LabPlan {
        try Topology.load(text: GoodTopology.with(replacements), file: "lab.yaml").plan(seed: 1)
    }

    private func tunnels(_ connection: ConnectionPlan) -> [String] {
        connection.tunnels.map { tunnel in
            "\(tunnel.gatewayAddress) \(tunnel.instance.map(String.init) ?? "-") \(tunnel.gatewayAddressAtSite) \(tunnel.siteAddressAtGateway)"
        }
    }

    private func nextHops(_ plan: LabPlan) -> [String] {
        plan.routes.filter { $0.node == LabPlan.virtualNetwork }.map { "\($0.destination) \($0.nextHop.map { "\($0)" } ?? "-")" }
    }

    // MARK: - Active-active

    private let activeActive = "  addresses: [203.0.113.11, 203.0.113.10]\n  activeActive: true"

    @Test func anActiveActiveGatewayHasTwoTunnelsToEverySite() throws {
        let plan = try plan([5: activeActive])
        #expect(plan.gateway.isActiveActive)
        #expect(plan.gateway.virtualAddresses.isEmpty && plan.gateway.insideNextHops.isEmpty)
        // In the file's order, not in that of the addresses.
        #expect(plan.gateway.instances.map { $0.addresses.map(\.description) } == [["203.0.113.11"], ["203.0.113.10"]])
        #expect(plan.gateway.instances.map { $0.insideNextHops.map(\.description) } == [["100.64.2.10"], ["100.64.2.11"]])
        #expect(
            tunnels(plan.connections[0]) == [
                "203.0.113.11 0 203.0.113.11 198.51.100.10", "203.0.113.10 1 203.0.113.10 198.51.100.10",
            ])
        #expect(plan.connections.map(\.preferredTunnel) == [0, 1])
        #expect(
            nextHops(plan) == [
                "100.64.2.10/32 -", "100.64.2.11/32 -", "100.64.2.2/32 -", "100.64.2.3/32 -", "10.20.0.0/16 100.64.2.10",
                "10.30.0.0/16 100.64.2.11",
            ])
        let internet = plan.routes.filter { $0.node == LabPlan.internet }.map { "\($0.destination) \($0.interface)" }
        #expect(internet.prefix(2) == ["203.0.113.11/32 gw", "203.0.113.10/32 gw"])
    }

    @Test func bothFamiliesHaveTwoAddresses() throws {
        let plan = try plan([
            5: "  addresses: ['2001:db8::a', 203.0.113.10, 203.0.113.11, '2001:db8::b']\n  activeActive: true",
            6: "  prefixes: [10.1.0.0/16, '2001:db8:1::/48']", 10: "    prefixes: [10.20.0.0/16, '2001:db8:2::/48']",
            16: "    address: '2001:db8:9::1'",
        ])
        #expect(
            plan.gateway.instances.map { $0.addresses.map(\.description) } == [
                ["203.0.113.10", "2001:db8::a"], ["203.0.113.11", "2001:db8::b"],
            ])
        #expect(
            plan.gateway.instances.map { $0.insideNextHops.map(\.description) } == [
                ["100.64.2.10", "fe80::a"], ["100.64.2.11", "fe80::b"],
            ])
        #expect(plan.connections[1].tunnels.map(\.gatewayAddress.description) == ["2001:db8::a", "2001:db8::b"])
        #expect(nextHops(plan).suffix(3) == ["10.20.0.0/16 100.64.2.10", "2001:db8:2::/48 fe80::a", "10.30.0.0/16 100.64.2.11"])
    }

    @Test func aConnectionMayPreferATunnel() throws {
        let plan = try plan([5: activeActive, 14: "      prefers: second"])
        #expect(plan.connections.map(\.preferredTunnel) == [1, 1])
        #expect(nextHops(plan).contains("10.20.0.0/16 100.64.2.11"))
    }

    @Test func withoutThereIsOneTunnelToTheVirtualAddress() throws {
        let plan = try plan([6: "  prefixes: [10.1.0.0/16]\n  activeActive: false"])
        #expect(!plan.gateway.isActiveActive)
        #expect(plan.gateway.instances.allSatisfy { $0.addresses.isEmpty && $0.insideNextHops.isEmpty })
        #expect(tunnels(plan.connections[1]) == ["203.0.113.10 - 203.0.113.10 198.51.100.20"])
        #expect(plan.connections.map(\.preferredTunnel) == [0, 0])
    }

    @Test(
        arguments: [
            ("", GatewayPlan.Recovery.negotiate), ("\n  reinstall: new-spi", .negotiate), ("\n  reinstall: same-spi", .sameSPI),
            ("\n  stateSync: true", .stateSync), ("\n  stateSync: false\n  reinstall: same-spi", .sameSPI),
        ])
    func tunnelsComeBackAsWritten(text: String, recovery: GatewayPlan.Recovery) throws {
        #expect(try plan([6: "  prefixes: [10.1.0.0/16]\(text)"]).gateway.recovery == recovery)
    }

    @Test(
        arguments: [
            ("", GatewayPlan.standardConcurrentExchanges), ("\n  maxConcurrentExchanges: 1", 1),
            ("\n  maxConcurrentExchanges: 1000", 1_000),
        ])
    func exchangesAreBoundedAsWritten(text: String, bound: Int) throws {
        #expect(try plan([6: "  prefixes: [10.1.0.0/16]\(text)"]).gateway.maxConcurrentExchanges == bound)
    }

    // MARK: - Sides

    @Test func theUsualIsTheServices() throws {
        let side = try plan([:]).connections[1].siteSide
        #expect(side.mode == .default)
        #expect(side.deadPeerDetection == .standard)
    }

    @Test func sidesHaveTheirOwnModeAndDetection() throws {
        let plan = try plan([
            7: "defaults:\n  mode: {gateway: ResponderOnly}\n  deadPeerDetection: {timeout: 90s, action: clear}\nsites:",
            14: "      mode: {site: InitiatorOnly}\n      deadPeerDetection: {site: {interval: 5s}, gateway: off}",
        ])
        let (tokyo, osaka) = (plan.connections[0], plan.connections[1])
        #expect((tokyo.siteSide.mode, tokyo.gatewaySide.mode) == (.initiatorOnly, .responderOnly))
        #expect((osaka.siteSide.mode, osaka.gatewaySide.mode) == (.default, .responderOnly))
        #expect(tokyo.siteSide.deadPeerDetection == .init(interval: .seconds(5), timeout: .seconds(90), action: .clear))
        #expect(tokyo.gatewaySide.deadPeerDetection == nil)
        #expect(osaka.gatewaySide.deadPeerDetection == .init(interval: .seconds(30), timeout: .seconds(90), action: .clear))
    }

    @Test func whatIsOffByDefaultCanBeOn() throws {
        let plan = try plan([
            7: "defaults: {deadPeerDetection: off}\nsites:", 14: "      deadPeerDetection: {timeout: 9s, action: hold}",
        ])
        #expect(plan.connections[0].siteSide.deadPeerDetection == .init(interval: .seconds(3), timeout: .seconds(9), action: .hold))
        #expect(plan.connections[1].siteSide.deadPeerDetection == nil)
    }

    // MARK: - Misconfigurations

    @Test func aSideMayTakeAnotherAddressForItsPeers() throws {
        let one = try plan([14: "      peerAddress: {site: 203.0.113.99, gateway: 198.51.100.99}"])
        #expect(tunnels(one.connections[0]) == ["203.0.113.10 - 203.0.113.99 198.51.100.99"])
        let two = try plan([5: activeActive, 14: "      peerAddress: {site: [203.0.113.11, 203.0.113.12]}"])
        #expect(
            tunnels(two.connections[0]) == [
                "203.0.113.11 0 203.0.113.11 198.51.100.10", "203.0.113.10 1 203.0.113.12 198.51.100.10",
            ])
    }

    @Test func aSideMayProtectSomethingElse() throws {
        let connection = try plan([
            14: "      selectors: {site: [{site: 10.20.0.0/17, gateway: 10.1.0.0/16}, {site: 10.99.0.0/16, gateway: 10.1.0.0/16}]}"
        ]).connections[0]
        #expect(
            connection.siteSide.selectors.map { "\($0.site) \($0.gateway)" } == ["10.20.0.0/17 10.1.0.0/16", "10.99.0.0/16 10.1.0.0/16"])
        #expect(connection.gatewaySide.selectors.map { "\($0.site) \($0.gateway)" } == ["10.20.0.0/16 10.1.0.0/16"])
        #expect("\(connection.probes.site) \(connection.probes.gateway)" == "10.20.0.1 10.1.0.1")
    }
}
