/// How text stands out on a terminal.
package struct TerminalStyle {
    package enum Weight {
        case plain
        case strong
        case good
        case bad
    }

    /// Without, nothing but the text itself is written.
    package var usesColour: Bool

    package init(usesColour: Bool) { self.usesColour = usesColour }

    /// ECMA-48 SGR sequences.
    package func apply(_ weight: Weight, to text: String) -> String {
        guard usesColour else { return text }
        return switch weight {
        case .plain: text
        case .strong: "\u{1b}[1m\(text)\u{1b}[0m"
        case .good: "\u{1b}[32m\(text)\u{1b}[0m"
        case .bad: "\u{1b}[31m\(text)\u{1b}[0m"
        }
    }
}
