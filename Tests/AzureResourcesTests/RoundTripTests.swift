import AzureResources
import Foundation
import LabPlan
import ManagementAPI
import Testing
import Topology

@Suite struct RoundTripTests {
    static var topologies: [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "topologies").path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.sorted().map { folder.appending(path: "topologies/\($0)").path }
    }

    @Test("There are topologies to try it with")
    func topologiesAreFound() { #expect(Self.topologies.count > 10) }

    @Test("A lab exported and imported again is the same, as far as resources go", arguments: topologies, [false, true])
    func roundTrip(path: String, isTemplate: Bool) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let before = try Topology.load(text: text, file: path).plan(seed: 1)
        let export = ResourceExport(plan: before, resourceGroup: "RG", subscription: "s", location: "here")
        let bytes = (isTemplate ? export.template : export.resources).indented
        for connection in before.connections {
            let key = String(decoding: connection.gatewaySide.preSharedKey.secret, as: UTF8.self)
            #expect(!String(decoding: bytes, as: UTF8.self).contains(key))
        }
        let keys = Dictionary(uniqueKeysWithValues: before.connections.map { ($0.name, "k") })
        let result = try TopologyImport(name: before.name, keys: keys).topology(from: [("export.json", bytes)])
        let after = try Topology.load(text: result.text, file: "again.yaml").plan(seed: 1)
        #expect(after.gateway.virtualAddresses == before.gateway.virtualAddresses)
        #expect(after.gateway.instances.map(\.addresses) == before.gateway.instances.map(\.addresses))
        #expect(after.gateway.prefixes == before.gateway.prefixes)
        #expect(after.gateway.name == before.gateway.name && after.gateway.isActiveActive == before.gateway.isActiveActive)
        #expect(after.connections.map(\.name) == before.connections.map(\.name))
        #expect(after.nodes.map(\.name) == before.nodes.map(\.name))
        for (one, other) in zip(before.connections, after.connections) {
            #expect(one.siteAddress == other.siteAddress)
            #expect(one.gatewaySide.policy == other.gatewaySide.policy)
            #expect(one.gatewaySide.mode == other.gatewaySide.mode)
            #expect(one.gatewaySide.deadPeerDetection?.timeout == other.gatewaySide.deadPeerDetection?.timeout)
            #expect(Set(one.gatewaySide.selectors) == Set(other.gatewaySide.selectors))
        }
    }
}
