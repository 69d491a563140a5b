#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The protocol's framing: one JSON object a line.
public enum JSONLines {
    /// The longest line that is taken: far above a plan of a thousand sites, far below what would exhaust memory.
    public static let maximumLength = 256 << 20

    /// One line, its newline included.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        // Sorted, since an unordered object would make two runs of one lab differ.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    public static func decode<Value: Decodable>(_ type: Value.Type, from line: some Sequence<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line))
    }
}

/// Collects a byte stream's pieces and hands them out line by line.
public struct LineBuffer {
    private var bytes: [UInt8] = []
    private var scanned = 0

    public init() {}

    /// A line that is longer than `JSONLines.maximumLength`.
    public struct LineTooLong: Error, CustomStringConvertible {
        public var description: String { "a line of over \(JSONLines.maximumLength) bytes" }
    }

    public mutating func append(_ piece: some Sequence<UInt8>) throws {
        bytes.append(contentsOf: piece)
        guard bytes.count <= JSONLines.maximumLength else { throw LineTooLong() }
    }

    /// The next whole line without its newline, if there is one.
    public mutating func next() -> [UInt8]? {
        guard let newline = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = bytes.count
            return nil
        }
        let line = Array(bytes[..<newline])
        bytes.removeSubrange(...newline)
        scanned = 0
        return line
    }
}
