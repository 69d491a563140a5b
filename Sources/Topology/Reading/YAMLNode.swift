/// A value as it stands in the file, before anything is known of its meaning.
///
/// Scalars stay text: what `yes`, `1_000` or `010` mean is decided by the type a key has, never by their looks.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(String)
        /// A key with nothing after it.
        case nothing
        case list([YAMLNode])
        case mapping([YAMLEntry])
        /// What is no part of the format, such as an anchor: reported already, so nothing more is said of it.
        case rejected
    }

    /// The way from the root: `sites[1].prefixes[0]`, empty for the root.
    var path: String
    var position: Position
    var content: Content
    /// Where a scalar's text begins, behind a quote; nil where the file does not have it as it reads, in one piece.
    var textPosition: Position?

    /// What this is, without its content: it may be a secret in the wrong place.
    var kind: String {
        switch content {
        case .scalar: "a single value"
        case .nothing: "nothing"
        case .list: "a list"
        case .mapping: "a mapping"
        case .rejected: "a value that was rejected"
        }
    }

    func hasKey(in names: Set<String>) -> Bool {
        guard case .mapping(let entries) = content else { return false }
        return entries.contains { names.contains($0.key) }
    }
}

/// A key of a mapping with its value.
struct YAMLEntry: Sendable {
    var key: String
    var position: Position
    var value: YAMLNode
}

/// `parent.key`. A key that is no plain word is left out, so that no path can be mistaken or hide control characters.
func childPath(_ parent: String, _ key: String) -> String {
    let isWord = !key.isEmpty && key.utf8.count <= 40 && key.utf8.allSatisfy { isWordByte($0) }
    guard isWord else { return parent }
    return parent.isEmpty ? key : "\(parent).\(key)"
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}
