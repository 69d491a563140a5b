/// A topology's text without its secrets, for a colleague who is to replay it: every pre-shared key is `redacted-1`, `redacted-2` and so on, equal
/// keys alike, different ones different. All the rest of the text stays as it is, comments too.
public struct RedactedTopology: Sendable {
    public let text: String

    /// - Parameter text: a topology that `Topology.load` has read.
    /// - Throws: what is wrong in the file, when it is none.
    public init(text: String, file: String) throws(TopologyErrors) {
        var reading = Reading(file: file)
        guard let root = YAMLDocument.read(text, expected: TopologyEntry.documentStart, into: &reading) else {
            throw TopologyErrors(reading.diagnostics)
        }
        var secrets = SecretList()
        secrets.collect(root)
        let wanted = secrets.redacted(root)
        let rewritten = TopologyRewriting(text: YAMLText(text), secrets: secrets).text
        // The parser has the last word: a text that says anything else than the original without its keys is not used. What is written anew from
        // the parsed file has no comments, and no place for a key.
        self.text = rewritten.flatMap { Self.says($0, wanted) ? $0 : nil } ?? YAMLWriting.text(of: wanted)
    }

    private static func says(_ text: String, _ wanted: YAMLNode) -> Bool {
        var reading = Reading(file: "")
        guard let root = YAMLDocument.read(text, expected: TopologyEntry.documentStart, into: &reading), reading.diagnostics.isEmpty else {
            return false
        }
        return YAMLWriting.text(of: root) == YAMLWriting.text(of: wanted)
    }
}

/// The pre-shared keys of a file, with the places where they stand.
struct SecretList {
    struct Place {
        var position: Position
        /// The column of the key before it, which a block scalar is indented against.
        var indentation: Int
        var secret: String
    }

    private(set) var places: [Place] = []
    private var substitutes: [String: String] = [:]

    /// What stands for a key.
    func substitute(for secret: String) -> String { substitutes[secret] ?? "redacted" }

    var secrets: [String] { substitutes.keys.sorted { ($1.count, $0) < ($0.count, $1) } }

    mutating func collect(_ root: YAMLNode) {
        find(root)
        let known = Set(places.map(\.secret))
        var number = 0
        for place in places where substitutes[place.secret] == nil {
            // A key that looks like a substitute must not become equal to another one.
            repeat { number += 1 } while known.contains("redacted-\(number)")
            substitutes[place.secret] = "redacted-\(number)"
        }
    }

    private mutating func find(_ node: YAMLNode) {
        switch node.content {
        case .list(let items): for item in items { find(item) }
        case .mapping(let entries):
            for entry in entries {
                if entry.key == ConnectionEntry.preSharedKey.name { take(entry) } else { find(entry.value) }
            }
        case .scalar, .nothing, .rejected: break
        }
    }

    /// Everything below the key is a secret, whether it should be there or not.
    private mutating func take(_ entry: YAMLEntry) {
        switch entry.value.content {
        case .scalar(let text):
            places.append(Place(position: entry.value.position, indentation: entry.position.column, secret: text))
        case .mapping(let entries): for entry in entries { take(entry) }
        case .list(let items): for item in items { take(YAMLEntry(key: "", position: entry.position, value: item)) }
        case .nothing, .rejected: break
        }
    }

    func redacted(_ node: YAMLNode, isSecret: Bool = false) -> YAMLNode {
        var node = node
        switch node.content {
        case .scalar(let text): if isSecret { node.content = .scalar(substitute(for: text)) }
        case .list(let items): node.content = .list(items.map { redacted($0, isSecret: isSecret) })
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.value = redacted(entry.value, isSecret: isSecret || entry.key == ConnectionEntry.preSharedKey.name)
                    return entry
                })
        case .nothing, .rejected: break
        }
        return node
    }
}
