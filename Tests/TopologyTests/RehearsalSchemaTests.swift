import Foundation
import Testing

@testable import Topology

@Suite struct RehearsalSchemaTests {
    /// After a change of the format, run the tests once with RESETLAB_WRITE_SCHEMA=1.
    @Test func theFileIsThePublishedText() throws {
        let file = "docs/rehearsal.schema.json"
        if ProcessInfo.processInfo.environment["RESETLAB_WRITE_SCHEMA"] == "1" {
            try RehearsalSchema.json.write(to: Repository.root.appending(path: file), atomically: true, encoding: .utf8)
        }
        #expect(try Repository.text(file) == RehearsalSchema.json)
    }

    private func definitions() throws -> [String: [String: Any]] {
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(RehearsalSchema.json.utf8)) as? [String: Any])
        return try #require(schema["$defs"] as? [String: [String: Any]])
    }

    @Test func everyReferenceIsDefinedAndEveryDefinitionUsed() throws {
        let references = RehearsalSchema.json.matches(of: /"#\/\$defs\/([A-Za-z]+)"/).map { String($0.1) }
        #expect(Set(references) == Set(try definitions().keys))
    }

    @Test func everyKeyIsDocumentedAndMappingsAreClosed() throws {
        for (name, definition) in try definitions() {
            #expect(definition["additionalProperties"] as? Bool == false, "\(name)")
            for (key, value) in try #require(definition["properties"] as? [String: [String: Any]]) {
                let text = try #require(value["description"] as? String)
                #expect(text.hasSuffix("."), "\(name).\(key)")
            }
        }
    }

    /// The pattern lets pass what is right, and catches what needs no topology to see.
    @Test(arguments: [
        ("outage(tokyo) <= 60 s", true), ("outage(tokyo, to-site) < 5s", true), ("lost == 0", true), ("recovered within 90 s", true),
        ("unexplained == 0", true), ("outage(tokyo) =< 60 s", false), ("losses == 0", false), ("recovered 90 s", false),
    ])
    func thePatternOfExpectations(text: String, fits: Bool) throws {
        let regex = try Regex(ExpectationParser.pattern)
        #expect((text.wholeMatch(of: regex) != nil) == fits)
    }
}
