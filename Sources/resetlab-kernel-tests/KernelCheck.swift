/// One check against the running kernel. It makes its own namespaces, leaves nothing behind, and throws when something is not as it must be.
struct KernelCheck: Sendable {
    /// `area.what-it-shows`, as the test's report names it.
    let name: String
    /// Whether the check needs ESP and the ciphers, which many hosts lack.
    let needsESP: Bool
    /// Whether the check needs netem, and a kernel of 6.7 or later for its seed.
    let needsNetem: Bool
    let run: @Sendable () throws -> Void

    init(_ name: String, needsESP: Bool = false, needsNetem: Bool = false, run: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.needsESP = needsESP
        self.needsNetem = needsNetem
        self.run = run
    }
}

/// A check that did not hold.
struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// Fails the check unless the condition holds.
func expect(_ condition: @autoclosure () throws -> Bool, _ message: @autoclosure () -> String, line: Int = #line, file: String = #fileID)
    throws
{
    guard try condition() else { throw Failure(description: "\(file):\(line): \(message())") }
}

/// Fails the check unless both are equal, and says what both are.
func expectEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String, line: Int = #line, file: String = #fileID) throws {
    try expect(found == expected, "\(what): found \(found), expected \(expected)", line: line, file: file)
}
