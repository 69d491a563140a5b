/// Writes values as YAML: one line a value, every scalar in quotes.
enum YAMLWriting {
    static func text(of node: YAMLNode) -> String { lines(node).joined(separator: "\n") + "\n" }

    private static func lines(_ node: YAMLNode) -> [String] {
        switch node.content {
        case .scalar(let text): [scalar(text)]
        case .nothing, .rejected: [""]
        case .list(let items): items.isEmpty ? ["[]"] : items.flatMap { item in below("-", item) }
        case .mapping(let entries): entries.isEmpty ? ["{}"] : entries.flatMap { below("\(key($0.key)):", $0.value) }
        }
    }

    private static func below(_ head: String, _ node: YAMLNode) -> [String] {
        switch node.content {
        case .list(let items) where !items.isEmpty: [head] + lines(node).map { "  \($0)" }
        case .mapping(let entries) where !entries.isEmpty: [head] + lines(node).map { "  \($0)" }
        default: [lines(node).first.map { $0.isEmpty ? head : "\(head) \($0)" } ?? head]
        }
    }

    private static func key(_ text: String) -> String {
        text.utf8.allSatisfy { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") } && !text.isEmpty ? text : scalar(text)
    }

    private static func scalar(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where (0x20...0x7e).contains(scalar.value): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
