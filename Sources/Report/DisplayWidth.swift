extension StringProtocol {
    /// How many columns a terminal takes for the text: two for East Asian wide characters and emoji (UAX #11), none for combining marks.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

extension Character {
    fileprivate var displayWidth: Int {
        // A cluster is as wide as its widest scalar; an emoji variation selector makes it wide.
        unicodeScalars.reduce(0) { Swift.max($0, $1.value == 0xfe0f ? 2 : $1.displayWidth) }
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        default: Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    /// The blocks whose characters are wide or full-width.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f,  // Hangul Jamo, initial consonants
        0x2e80...0x303e,  // CJK radicals, punctuation
        0x3041...0xa4cf,  // kana, CJK ideographs, Yi
        0xa960...0xa97f,  // Hangul Jamo Extended-A
        0xac00...0xd7a3,  // Hangul syllables
        0xf900...0xfaff,  // CJK compatibility ideographs
        0xfe30...0xfe6f,  // CJK compatibility and small forms
        0xff00...0xff60, 0xffe0...0xffe6,  // full-width forms
        0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1f9ff,  // emoji
        0x20000...0x3fffd,  // CJK ideographs, supplementary planes
    ]
}
