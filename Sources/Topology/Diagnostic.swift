/// Where something stands in a file, both counted from 1; columns count Unicode scalars.
public struct Position: Sendable, Hashable, Comparable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static let start = Position(line: 1, column: 1)

    public static func < (lhs: Position, rhs: Position) -> Bool { (lhs.line, lhs.column) < (rhs.line, rhs.column) }
}

/// One thing that is wrong in a topology or rehearsal file. No pre-shared key is ever part of it.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    public var position: Position
    /// The way to the value: `sites[1].prefixes[0]`; empty for the file as a whole.
    public var key: String
    /// What stands there.
    public var found: String
    /// What may stand there.
    public var allowed: String

    public init(file: String, position: Position, key: String, found: String, allowed: String) {
        self.file = file
        self.position = position
        self.key = key
        self.found = found
        self.allowed = allowed
    }

    public var line: Int { position.line }
    public var column: Int { position.column }

    public var message: String { "found \(found); allowed: \(allowed)" }

    /// `FILE:LINE:COLUMN: KEY: found …; allowed: …`, as editors and CI annotations read it.
    public var description: String {
        "\(file):\(line):\(column): " + (key.isEmpty ? "" : "\(key): ") + message
    }
}

/// Everything that is wrong in a topology or rehearsal file, in the order of the file. A file with any of it is not resolved.
public struct TopologyErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one.
    public let diagnostics: [Diagnostic]

    /// - Parameter diagnostics: In any order; repeated ones count once.
    init(_ diagnostics: [Diagnostic]) {
        var seen = Set<Diagnostic>()
        self.diagnostics = diagnostics.filter { seen.insert($0).inserted }
            .sorted { ($0.position, $0.key, $0.found) < ($1.position, $1.key, $1.found) }
    }

    /// One diagnostic a line.
    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
