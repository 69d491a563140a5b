/// A file's text by position, with what can be said of it before it is parsed.
struct YAMLText: Sendable {
    /// More than ten times what 1,000 sites written out one by one need.
    static let largestSize = 4 << 20

    private(set) var scalars: [Unicode.Scalar]
    /// The index of every line's first scalar. Characters are replaced later, never line breaks.
    private var lineStarts: [Int] = [0]

    /// A byte order mark is no part of the text.
    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{feff}" { scalars.removeFirst() }
        lineStarts += scalars.indices.filter(isBreak).map { $0 + 1 }
    }

    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The first character that YAML 1.1 (§5.1) does not allow in a file.
    var firstForbidden: (position: Position, scalar: Unicode.Scalar)? {
        var position = Position.start
        for (index, scalar) in scalars.enumerated() {
            guard Self.isAllowed(scalar) else { return (position, scalar) }
            advance(&position, over: index)
        }
        return nil
    }

    /// The places where `*name` may be an alias. Comments and quoted text can look the same: many of them are telling, one is not.
    var possibleAliases: [Position] {
        var found: [Position] = []
        var position = Position.start
        for (index, scalar) in scalars.enumerated() {
            if scalar == "*", index == 0 || Self.startsToken(after: scalars[index - 1]),
                index + 1 < scalars.count, !Self.isBlank(scalars[index + 1])
            {
                found.append(position)
            }
            advance(&position, over: index)
        }
        return found
    }

    /// The index of the scalar at a position; nil when there is none.
    func index(of wanted: Position) -> Int? {
        guard wanted.column >= 1, lineStarts.indices.contains(wanted.line - 1) else { return nil }
        let index = lineStarts[wanted.line - 1] + wanted.column - 1
        let end = lineStarts.indices.contains(wanted.line) ? lineStarts[wanted.line] : scalars.count
        return index < end ? index : nil
    }

    /// Whether a text stands at a position, in one piece.
    func has(_ text: String, at position: Position) -> Bool {
        guard let index = index(of: position) else { return false }
        return scalars[index...].starts(with: text.unicodeScalars)
    }

    /// The position itself, or that of the text's end when it lies behind: the parser ends every text with a line break.
    func clamped(_ wanted: Position) -> Position {
        var position = Position.start
        for index in scalars.indices { advance(&position, over: index) }
        return min(position, wanted)
    }

    subscript(index: Int) -> Unicode.Scalar {
        get { scalars[index] }
        set { scalars[index] = newValue }
    }

    private func advance(_ position: inout Position, over index: Int) {
        if isBreak(index) {
            position.line += 1
            position.column = 1
        } else {
            position.column += 1
        }
    }

    private func isBreak(_ index: Int) -> Bool {
        switch scalars[index] {
        case "\n", "\u{85}", "\u{2028}", "\u{2029}": true
        // Of a carriage return with a line feed only the latter ends the line.
        case "\r": index + 1 == scalars.count || scalars[index + 1] != "\n"
        default: false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }

    private static func startsToken(after scalar: Unicode.Scalar) -> Bool {
        isBlank(scalar) || scalar == "[" || scalar == "{" || scalar == ","
    }
}
