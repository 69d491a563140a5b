import Lab
import LabPlan
import Topology
import XFRM

/// The labs whose building is measured: a gateway and so many sites, without impairments, which not every kernel has.
enum BenchLab {
    /// - Parameter hasDummies: where the kernel has none, what is behind the sites and the gateway is on loopback.
    static func plan(sites: Int, hasDummies: Bool) throws -> LabPlan {
        let text = """
            resetlab: 1
            name: bench
            gateway:
              name: BenchGW
              addresses: [203.0.113.10]
              prefixes: [10.1.0.0/16]
              timing: {profile: instant}
            sites:
              - name: site
                count: \(sites)
                address: 198.18.0.1
                prefixes: [10.64.0.0/24]
                connection: {preSharedKey: "for the benchmark"}
            rehearsal:
              duration: 60s
              resetAt: 20s
              probes: {rate: 10}
            """
        let plan = try Topology.load(text: text, file: "bench.yaml").plan(labName: "resetlab-bench", seed: 1)
        return hasDummies ? plan : plan.withoutDummies
    }
}

/// What a node's IPsec consists of once all tunnels are up: the policies that a lab installs, and an SA in each direction of each tunnel.
struct NodeSecurity {
    let node: Int
    var policies: [SecurityPolicy] = []
    var associations: [SecurityAssociation] = []

    /// The active instance's and each site's.
    static func all(of plan: LabPlan) -> [NodeSecurity] {
        var gateway = NodeSecurity(node: plan.gateway.instances[0].node)
        let sites = plan.connections.enumerated().map { index, connection in
            let tunnel = connection.tunnels[0]
            let directions = [(connection.siteAddress, tunnel.gatewayAddress), (tunnel.gatewayAddress, connection.siteAddress)]
            let associations = directions.enumerated().map { direction, ends in
                SecurityAssociation(
                    source: ends.0, destination: ends.1, spi: SPI(rawValue: firstSPI + UInt32(2 * index + direction)),
                    requestID: connection.requestID,
                    transform: .aead(.gcm, key: KeyMaterial(key(2 * index + direction)), icvBits: 128))
            }
            gateway.policies += TunnelSecurity(plan: connection, side: .gateway).policies
            gateway.associations += associations
            return NodeSecurity(
                node: connection.site, policies: TunnelSecurity(plan: connection, side: .site).policies, associations: associations)
        }
        return [gateway] + sites
    }

    /// 32 bytes and the salt of 4 (RFC 4106 §8.1).
    static func key(_ number: Int) -> [UInt8] { (0..<36).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) } }

    /// An SA's own.
    static func key(of association: SecurityAssociation) -> [UInt8] { key(Int(association.spi.rawValue - firstSPI)) }

    private static let firstSPI: UInt32 = 0x1000_0000

    func fill(_ batch: inout XFRMBatch) throws {
        batch.removeAll()
        for policy in policies { try batch.add(policy) }
        for association in associations { try batch.add(association) }
    }
}
