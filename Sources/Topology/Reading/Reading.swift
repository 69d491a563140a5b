/// The reading of one file: what was found wrong so far, and where every value stands.
struct Reading: Sendable {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []
    private var positions: [String: Position] = [:]

    init(file: String) { self.file = file }

    mutating func report(at position: Position, _ key: String, found: String, allowed: String) {
        diagnostics.append(Diagnostic(file: file, position: position, key: key, found: found, allowed: allowed))
    }

    /// Reports at the position of `key`.
    mutating func report(_ key: String, found: String, allowed: String) {
        report(at: position(of: key), key, found: found, allowed: allowed)
    }

    /// The first position of a key counts: keys that are not shown share that of the mapping around them.
    mutating func record(_ position: Position, of key: String) {
        if positions[key] == nil { positions[key] = position }
    }

    /// Of the value of `key`, or of the nearest one around it that the file has.
    func position(of key: String) -> Position {
        var key = key[...]
        while true {
            if let position = positions[String(key)] { return position }
            guard let end = key.lastIndex(where: { $0 == "." || $0 == "[" }) else { return positions[""] ?? .start }
            key = key[..<end]
        }
    }
}

/// A value with the way to it, so that a check made later can point at it.
struct Written<Value: Sendable>: Sendable {
    var value: Value
    var path: String
}

extension Written: Equatable where Value: Equatable {}

/// A value from the file, quoted for a message: control characters escaped, long ones cut.
func quoted(_ text: String) -> String {
    let longest = 60
    var result = "\""
    for scalar in text.unicodeScalars.prefix(longest) {
        switch scalar {
        case "\"", "\\": result += "\\" + String(scalar)
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case _
        where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar.properties.generalCategory == .lineSeparator || scalar.properties.generalCategory == .paragraphSeparator:
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + (text.unicodeScalars.count > longest ? "…\"" : "\"")
}

/// `a, b or c`.
func alternatives(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "nothing" }
    return items.dropLast().joined(separator: ", ") + " or " + last
}
