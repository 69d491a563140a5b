import Foundation
import LabPlan
import Testing

@testable import Topology

@Suite struct ShippedTopologiesTests {
    @Test func allOfThemAreTested() throws {
        let folder = Repository.root.appending(path: "topologies")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { "topologies/\($0)" }
        #expect(files.sorted() == ShippedTopologies.files.sorted())
    }

    @Test(arguments: ShippedTopologies.files)
    func everyOneLoadsAndResolves(file: String) throws {
        let topology = try ShippedTopologies.load(file)
        #expect("topologies/\(topology.name).yaml" == file)
        let plan = try topology.plan(seed: 1)
        #expect(plan.connections.count == topology.sites.count)
        #expect("topologies/\(plan.topology)" == file)
    }

    /// Taken from the file's lines rather than by the parser that the schema is made from.
    @Test(arguments: ShippedTopologies.files)
    func everyKeyIsKnownToTheSchema(file: String) throws {
        let lines = try Repository.text(file).split(separator: "\n").map { $0.prefix { $0 != "#" } }
        let keys = lines.flatMap { $0.matches(of: /(?:^|[\s{,-])([A-Za-z]+):(?:\s|$)/).map { String($0.1) } }
        #expect(keys.count > 8)
        let known = try SchemaFile.keys()
        for key in keys { #expect(known.contains(key), "\(key)") }
    }

    /// A rehearsal that a topology names is there and fits.
    @Test(arguments: ShippedTopologies.files)
    func everyNamedRehearsalFits(file: String) throws {
        let topology = try ShippedTopologies.load(file)
        guard let run = topology.run else { return }
        let rehearsal = try Rehearsal.builtIn(named: run.rehearsal)?.load() ?? ShippedRehearsals.load("topologies/\(run.rehearsal)")
        let plan = try topology.plan(seed: 1, rehearsal: rehearsal, overrides: run.overrides)
        #expect(!plan.rehearsal.steps.isEmpty)
    }

    @Test func everyBehaviourIsShown() throws {
        let plans = try ShippedTopologies.files.map { try ShippedTopologies.load($0).plan(seed: 1) }
        let gateways = plans.map(\.gateway)
        #expect(Set(gateways.map(\.recovery)) == Set(GatewayPlan.Recovery.allCases))
        #expect(gateways.contains { $0.isActiveActive })
        let sides = plans.flatMap(\.connections).flatMap { [$0.siteSide, $0.gatewaySide] }
        #expect(sides.contains { $0.mode == .responderOnly })
        #expect(sides.contains { $0.policy.lifetime == .seconds(300) })
    }
}

@Suite struct ShippedRehearsalsTests {
    @Test func allOfThemAreTested() throws {
        let folder = Repository.root.appending(path: "rehearsals")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { "rehearsals/\($0)" }
        #expect(files.sorted() == ShippedRehearsals.files.sorted())
    }

    @Test(arguments: ShippedRehearsals.files)
    func everyOneFitsTwoSites(file: String) throws {
        let rehearsal = try ShippedRehearsals.load(file)
        #expect("rehearsals/\(rehearsal.name).yaml" == file)
        let plan = try ShippedTopologies.load("topologies/two-sites.yaml").plan(seed: 1, rehearsal: rehearsal).rehearsal
        #expect(!plan.steps.isEmpty && !plan.expectations.isEmpty)
    }
}

/// The schema as other tools read it.
enum SchemaFile {
    static func keys() throws -> Set<String> {
        let schema = try JSONSerialization.jsonObject(with: Data(TopologySchema.json.utf8))
        var keys = Set<String>()
        func visit(_ value: Any) {
            if let object = value as? [String: Any] {
                if let properties = object["properties"] as? [String: Any] { keys.formUnion(properties.keys) }
                object.values.forEach(visit)
            } else if let array = value as? [Any] {
                array.forEach(visit)
            }
        }
        visit(schema)
        return keys
    }
}
