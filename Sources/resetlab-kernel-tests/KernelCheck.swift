import AgentProtocol

/// One check against the running kernel. It makes its own namespaces, leaves nothing behind, and throws when something is not as it must be.
struct KernelCheck: Sendable {
    /// `area.what-it-shows`, as the test's report names it.
    let name: String
    /// What the kernel must be able to do, beyond namespaces and veth pairs. Where it cannot, the check is skipped.
    let needs: [Capability.Name]
    /// Files that only an image made for these checks has. Where one is missing, the check is skipped.
    let files: [String]
    let run: @Sendable () throws -> Void

    init(_ name: String, needs: [Capability.Name] = [], files: [String] = [], run: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.needs = [.namespaces, .veth] + needs
        self.files = files
        self.run = run
    }

    /// Every check there is, in the order they are run.
    static var all: [KernelCheck] {
        guestChecks + linksChecks + xfrmChecks + clearTextChecks + calibrationChecks + probingChecks + memoryChecks + labChecks
            + resetChecks
            + hostBackendChecks
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
