/// Finds where a text stops being JSON (RFC 8259), which Foundation's decoder does not tell.
public struct JSONSyntax {
    public struct Violation: Error, Equatable {
        /// Counted from 1; a column is a byte.
        public var line: Int
        public var column: Int
        public var found: String
        public var allowed: String
    }

    /// Deeper than any report, and than Foundation's decoder follows (512).
    private static let greatestDepth = 512

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// nil for a text that is JSON.
    public static func violation(in text: String) -> Violation? {
        var syntax = JSONSyntax(text)
        do {
            try syntax.value()
            syntax.skipSpace()
            if syntax.position < syntax.bytes.count { throw syntax.violation(allowed: "the end") }
            return nil
        } catch let violation as Violation {
            return violation
        } catch {
            return nil
        }
    }

    // MARK: Grammar

    private mutating func value() throws {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): try members(closing: UInt8(ascii: "}"), hasKeys: true)
        case UInt8(ascii: "["): try members(closing: UInt8(ascii: "]"), hasKeys: false)
        case UInt8(ascii: "\""): try string()
        case let byte where byte == UInt8(ascii: "-") || isDigit(byte): try number()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: throw violation(allowed: "a value")
        }
    }

    /// An object's or an array's, the opening bracket and the closing one included.
    private mutating func members(closing: UInt8, hasKeys: Bool) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.greatestDepth else { throw violation(allowed: "at most \(Self.greatestDepth) levels of brackets") }
        position += 1
        skipSpace()
        if take(closing) { return }
        while true {
            if hasKeys {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw violation(allowed: "a key in quotation marks") }
                try string()
                skipSpace()
                guard take(UInt8(ascii: ":")) else { throw violation(allowed: "a colon") }
            }
            try value()
            skipSpace()
            if take(closing) { return }
            guard take(UInt8(ascii: ",")) else {
                throw violation(allowed: "a comma or \(Unicode.Scalar(closing))")
            }
        }
    }

    private mutating func string() throws {
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                try escape()
            case 0..<0x20: throw violation(allowed: "a character of a string, control characters escaped")
            default: position += 1
            }
        }
        throw violation(allowed: "the string's end")
    }

    private mutating func escape() throws {
        switch next {
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard let byte = next, Character(Unicode.Scalar(byte)).isHexDigit else {
                    throw violation(allowed: "four hexadecimal digits")
                }
                position += 1
            }
        case let byte? where #""\/bfnrt"#.utf8.contains(byte): position += 1
        default: throw violation(allowed: "an escape sequence")
        }
    }

    private mutating func number() throws {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws {
        guard isDigit(next) else { throw violation(allowed: "a digit") }
        while isDigit(next) { position += 1 }
    }

    private mutating func word(_ word: String) throws {
        for byte in word.utf8 {
            guard take(byte) else { throw violation(allowed: word) }
        }
    }

    // MARK: Bytes

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isDigit(_ byte: UInt8?) -> Bool { byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private func violation(allowed: String) -> Violation {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return Violation(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: position - lineStart + 1, found: found, allowed: allowed)
    }

    private var found: String {
        guard let byte = next else { return "the end" }
        return (0x21...0x7e).contains(byte) ? "\(Unicode.Scalar(byte))" : "byte 0x\(String(byte, radix: 16))"
    }
}
