import AzureResources
import Foundation
import LabPlan
import ManagementAPI
import Testing
import Topology

/// Exports that are not what they should be: an error or a topology that loads, never a trap, and a key in no message.
@Suite struct ImportMutationTests {
    private static let key = "hush-hush"

    /// A form of export, as files that make a topology together.
    struct Example: CustomTestStringConvertible {
        var testDescription: String
        var files: [(name: String, bytes: [UInt8])]
    }

    static let examples: [Example] = {
        let text = """
            {resetlab: 1, name: small, gateway: {name: GW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}, sites: [{name: a,
             address: 198.51.100.1, prefixes: [10.2.0.0/16], connection: {name: c, policy: {dhGroup: DHGroup14}}}]}
            """
        var examples = [Example(testDescription: "az", files: TopologyImportTests.az)]
        if let plan = try? Topology.load(text: text, file: "small.yaml").plan(seed: 1) {
            let export = ResourceExport(plan: plan, resourceGroup: "RG", subscription: "s", location: "here")
            examples.append(Example(testDescription: "template", files: [("template.json", export.template.bytes)]))
            examples.append(Example(testDescription: "resources", files: [("resources.json", export.resources.bytes)]))
        }
        return examples
    }()

    @Test func thereAreExamples() { #expect(Self.examples.count == 3) }

    @Test("A file that is cut anywhere is an error", arguments: examples)
    func cut(_ example: Example) {
        for (index, file) in example.files.enumerated() {
            for length in 0..<file.bytes.count where !Self.isSpace(file.bytes[length...]) {
                var files = example.files
                files[index].bytes = Array(file.bytes[..<length])
                #expect(Self.attempt(files) == nil, "\(file.name) cut to \(length) bytes")
            }
        }
    }

    @Test("A byte that is another one anywhere")
    func otherBytes() throws {
        let example = try #require(Self.examples.first)
        for (index, file) in example.files.enumerated() {
            for position in file.bytes.indices {
                // In turns: one of structure, one of text, one of numbers, one of no text.
                let other = [UInt8(ascii: "["), UInt8(ascii: "'"), UInt8(ascii: "9"), 0xff][position % 4]
                var files = example.files
                files[index].bytes[position] = other
                Self.attempt(files)
            }
        }
    }

    @Test("A value that is of another type, or away, anywhere", arguments: examples)
    func otherValues(_ example: Example) throws {
        let long = JSONValue.string(String(repeating: "x/", count: 3_000))
        let replacements: [JSONValue?] = [
            nil, .null, true, .integer(.min), .number(1e300), "\u{0}\n\u{2028}: - #", "[concat(parameters('c'), 'x')]", long, [.null],
            ["id": 7, "": .null],
        ]
        for (index, file) in example.files.enumerated() {
            let value = try JSONValue(parsing: file.bytes)
            for place in 0..<value.size {
                for replacement in replacements {
                    var files = example.files
                    var remaining = place
                    files[index].bytes = (value.replacing(&remaining, with: replacement) ?? .null).bytes
                    Self.attempt(files)
                }
            }
        }
    }

    /// The topology, which was loaded already; nil for an error. Whatever is not one of both is a failure.
    @discardableResult
    private static func attempt(_ files: [(name: String, bytes: [UInt8])]) -> String? {
        do {
            let keys = ["VNet1toSite1", "c"].filter { name in
                files.contains { String(decoding: $0.bytes, as: UTF8.self).contains("\"\(name)\"") }
            }
            let importing = TopologyImport(keys: Dictionary(uniqueKeysWithValues: keys.map { ($0, key) }))
            let result = try importing.topology(from: files)
            #expect(!result.remarks.joined().contains(key))
            return result.text
        } catch {
            #expect(!error.problems.isEmpty && !error.description.contains(key))
            return nil
        }
    }

    private static func isSpace(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { [0x20, 0x0a].contains($0) } }
}

extension JSONValue {
    /// How many values it has in it, with itself.
    fileprivate var size: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.size }
        case .object(let members): members.values.reduce(1) { $0 + $1.size }
        default: 1
        }
    }

    /// With the value at a place, counted in the order of keys, replaced; nil where that is away.
    fileprivate func replacing(_ remaining: inout Int, with replacement: JSONValue?) -> JSONValue? {
        remaining -= 1
        if remaining == -1 { return replacement }
        guard remaining >= 0 else { return self }
        switch self {
        case .array(let elements): return .array(elements.compactMap { $0.replacing(&remaining, with: replacement) })
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, value) in members.sorted(by: { $0.key < $1.key }) { result[name] = value.replacing(&remaining, with: replacement) }
            return .object(result)
        default: return self
        }
    }
}
