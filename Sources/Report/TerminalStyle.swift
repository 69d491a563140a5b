/// How text stands out on a terminal.
struct TerminalStyle {
    enum Weight {
        case plain
        case strong
        case good
        case bad
    }

    /// Without, nothing but the text itself is written.
    var usesColour: Bool

    /// ECMA-48 SGR sequences.
    func apply(_ weight: Weight, to text: String) -> String {
        guard usesColour else { return text }
        return switch weight {
        case .plain: text
        case .strong: "\u{1b}[1m\(text)\u{1b}[0m"
        case .good: "\u{1b}[32m\(text)\u{1b}[0m"
        case .bad: "\u{1b}[31m\(text)\u{1b}[0m"
        }
    }
}
