import Addressing
import LabPlan

extension LabPlan {
    /// A gateway and two sites, without what only an agent needs. The keys of the second site's sides differ.
    static func small(name: String = "small") -> LabPlan {
        func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(family: .v4, value: 0) }
        func side(_ key: String) -> ConnectionPlan.Side {
            ConnectionPlan.Side(preSharedKey: PreSharedKey(secret: key.utf8), policy: .routeBasedDefault, selectors: [])
        }
        let sites = ["tokyo", "osaka"]
        let nodes =
            [Node(name: "internet", kind: .internet, namespace: "i"), Node(name: "vnet", kind: .virtualNetwork, namespace: "v")]
            + (0..<2).map { Node(name: "gateway-\($0)", kind: .gatewayInstance($0), namespace: "g\($0)") }
            + sites.map { Node(name: $0, kind: .site, namespace: $0) }
        let connections = sites.enumerated().map { index, site in
            ConnectionPlan(
                name: "to-\(site)", site: 4 + index, siteInterface: "wan", siteAddress: address("198.51.100.1\(index)"),
                siteSide: side("a secret of \(site)"), gatewaySide: side(site == "osaka" ? "another secret" : "a secret of \(site)"),
                tunnels: [
                    ConnectionPlan.Tunnel(
                        gatewayAddress: address("203.0.113.10"), gatewayAddressAtSite: address("203.0.113.10"),
                        siteAddressAtGateway: address("198.51.100.1\(index)"))
                ], requestID: UInt32(index + 1), probes: .init(site: address("10.20.0.1"), gateway: address("10.1.0.1")))
        }
        let failover = TimingPlan.Failover(detection: .seconds(1), takeover: .seconds(1))
        return LabPlan(
            name: name, topology: "small.yaml", seed: 7, usesIPv6: false, nodes: nodes, bridges: [], links: [], dummies: [],
            addresses: [], routes: [],
            gateway: GatewayPlan(
                name: "VNet1GW",
                instances: (0..<2).map { .init(name: "gateway-\($0)", node: 2 + $0, outside: "out", inside: "in") },
                virtualAddresses: [address("203.0.113.10")], insideNextHops: [], prefixes: []),
            connections: connections,
            timing: TimingPlan(
                profile: "instant", reset: failover, maintenance: failover, failure: failover, boot: .seconds(1),
                announcements: .init(count: 1, interval: .seconds(1)), keyExchange: .init(timeout: .seconds(1), base: 2, tries: 1)),
            rehearsal: RehearsalPlan(duration: .seconds(60), steps: [], probeRate: 10, probePayload: 64))
    }
}
