/// A program and what it is started with.
public struct Command: Sendable, Hashable {
    /// A path, or a name that is looked up in PATH.
    public var program: String
    /// Without the program's own name.
    public var arguments: [String]
    /// Set on top of what this process has itself.
    public var environment: [String: String]

    public init(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}

extension Command: CustomStringConvertible {
    /// As it would be typed into a shell, for messages.
    public var description: String { ([program] + arguments).map(Command.quoted).joined(separator: " ") }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-_./=:,+@%".utf8.contains(byte)
            }
        }
        if plain && !word.isEmpty { return word }
        var quoted = "'"
        for character in word { quoted += character == "'" ? "'\\''" : String(character) }
        return quoted + "'"
    }
}
