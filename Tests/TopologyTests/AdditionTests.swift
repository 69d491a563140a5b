import LabPlan
import Testing
import Topology

/// A plan that has more than an earlier one.
@Suite struct AdditionTests {
    private static func topology(sites: Int, address: String = "198.51.100.10", prefix: String = "10.20.0.0/24") throws -> Topology {
        try Topology.load(
            text: """
                resetlab: 1
                name: lab
                gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
                sites:
                  - {name: site, address: \(address), prefixes: [\(prefix)], count: \(sites)}

                """, file: "lab.yaml")
    }

    private static func plan(sites: Int, seed: UInt64 = 1) throws -> LabPlan { try topology(sites: sites).plan(seed: seed) }

    @Test func whatIsAddedIsAtTheEndAndWhatBelongsToIt() throws {
        let (before, after) = (try Self.plan(sites: 2), try Self.plan(sites: 4))
        let addition = try #require(after.addition(to: before))
        #expect(addition.nodes == 6..<8 && addition.links == 6..<8 && addition.connections == 2..<4)
        #expect(addition.dummies.map(\.node) == [6, 7])
        #expect(addition.routes.count == after.routes.count - before.routes.count)
        // The virtual network's way to them, and the internet's.
        #expect(Set(addition.routes.map(\.node)).isSuperset(of: [LabPlan.internet, LabPlan.virtualNetwork, 6, 7]))
        #expect(addition.addresses.allSatisfy { $0.node == LabPlan.internet || $0.node >= 6 })
    }

    @Test func nothingIsAnAdditionOfNothing() throws {
        let plan = try Self.plan(sites: 2)
        #expect(plan.addition(to: plan)?.connections.isEmpty == true)
    }

    @Test func anythingElseIsNone() throws {
        let before = try Self.plan(sites: 2)
        #expect(try Self.plan(sites: 1).addition(to: before) == nil)
        #expect(try Self.plan(sites: 3, seed: 2).addition(to: before) == nil)
        #expect(try Self.topology(sites: 3, address: "198.51.101.10").plan(seed: 1).addition(to: before) == nil)
        var renamed = try Self.plan(sites: 3)
        renamed.connections[0].name = "other"
        #expect(renamed.addition(to: before) == nil)
        var retimed = try Self.plan(sites: 3)
        retimed.timing.boot = .seconds(1)
        #expect(retimed.addition(to: before) == nil)
    }

    @Test func anotherTopologysSiteIsTakenByItsConnection() throws {
        let (own, other) = (try Self.topology(sites: 2), try Self.topology(sites: 3))
        let extended = try #require(own.adding(connection: "site-0003", from: other))
        #expect(extended == other)
        #expect(own.adding(connection: "nobody", from: other) == nil)
    }
}
