import Foundation
import Testing

@testable import Topology

@Suite struct TopologySchemaTests {
    /// After a change of the format, run the tests once with RESETLAB_WRITE_SCHEMA=1.
    @Test func theFileIsThePublishedText() throws {
        let file = "docs/topology.schema.json"
        if ProcessInfo.processInfo.environment["RESETLAB_WRITE_SCHEMA"] == "1" {
            try TopologySchema.json.write(to: Repository.root.appending(path: file), atomically: true, encoding: .utf8)
        }
        #expect(try Repository.text(file) == TopologySchema.json)
    }

    @Test func everyReferenceIsDefinedAndEveryDefinitionUsed() throws {
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(TopologySchema.json.utf8)) as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: Any])
        let references = TopologySchema.json.matches(of: /"#\/\$defs\/([A-Za-z]+)"/).map { String($0.1) }
        #expect(Set(references) == Set(definitions.keys))
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test func everyKeyIsDocumentedAndMappingsAreClosed() throws {
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(TopologySchema.json.utf8)) as? [String: Any])
        for (name, definition) in try #require(schema["$defs"] as? [String: [String: Any]]) {
            #expect(definition["additionalProperties"] as? Bool == false, "\(name)")
            for (key, value) in try #require(definition["properties"] as? [String: [String: Any]]) {
                let text = try #require(value["description"] as? String)
                #expect(text.hasSuffix("."), "\(name).\(key)")
            }
        }
    }

    @Test func theFormatsVersionIsRequired() throws {
        let topology = try #require(
            ((try JSONSerialization.jsonObject(with: Data(TopologySchema.json.utf8)) as? [String: Any])?["$defs"] as? [String: Any])?[
                "topology"]
                as? [String: Any])
        #expect(topology["required"] as? [String] == ["resetlab", "name", "gateway", "sites"])
    }
}
