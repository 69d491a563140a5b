import AzureResources
import LabPlan
import ManagementAPI
import Testing
import Topology

@Suite struct ResourceExportTests {
    private static func export(_ connection: String = "") throws -> ResourceExport {
        ResourceExport(plan: try plan(connection), resourceGroup: "RG", subscription: "s", location: "here")
    }

    private static func plan(_ connection: String = "") throws -> LabPlan {
        let text = """
            {resetlab: 1, name: small, gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}, sites: [
             {name: a, address: 198.51.100.1, prefixes: [10.2.0.0/16], connection: {name: x.y, preSharedKey: "hush" \(connection)}},
             {name: b, address: 198.51.100.2, prefixes: [10.3.0.0/16], connection: {name: x-y}}]}
            """
        return try Topology.load(text: text, file: "small.yaml").plan(seed: 1)
    }

    @Test("A template has what a deployment needs: versions, an order, and a parameter for every key")
    func template() throws {
        let template = try Self.export().template
        let plan = try Self.plan()
        #expect(template["$schema"] == "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#")
        #expect(template["contentVersion"] == "1.0.0.0")
        let resources = try #require(template["resources"]?.elements)
        #expect(resources.allSatisfy { $0["apiVersion"] == "2024-05-01" && $0["location"] == "here" && $0["id"] == nil })
        let keys = resources.compactMap { $0["properties"]?["sharedKey"]?.string }
        #expect(Set(keys).count == 2)
        for key in keys {
            let parameter = try #require(template["parameters"]?[String(key.dropFirst("[parameters('".count).dropLast(3))])
            #expect(parameter["type"] == "securestring" && parameter["defaultValue"] == nil)
        }
        let order = resources.first { $0["name"] == "GW" }?["dependsOn"]
        #expect(
            order == [
                "[resourceId('Microsoft.Network/publicIPAddresses', 'GWIP1')]",
                .string("[resourceId('Microsoft.Network/virtualNetworks', '\(plan.gateway.networkName)')]"),
            ])
        let text = String(decoding: template.indented, as: UTF8.self)
        #expect(!text.contains("hush") && !text.contains("provisioningState") && !text.contains("/subscriptions/"))
    }

    @Test("What resources cannot say is told")
    func remarks() throws {
        #expect(try Self.export().remarks.isEmpty)
        #expect(try Self.export(", deadPeerDetection: off").remarks.count == 1)
        let remarks = try Self.export(", deadPeerDetection: {gateway: {timeout: 9.5s}}").remarks
        #expect(remarks.first?.contains("dpdTimeoutSeconds is 9") == true)
    }
}
