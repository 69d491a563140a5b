import Foundation
import Testing

/// The project's documentation, whose examples are what the code is expected to write.
enum Documentation {
    static func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: file(name)), as: UTF8.self)
    }

    /// With RESETLAB_RECORD_EXAMPLES=1 in the environment the example is written anew; read the difference before committing it.
    static func expectExample(_ name: String, equals text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        if ProcessInfo.processInfo.environment["RESETLAB_RECORD_EXAMPLES"] == "1" {
            try Data(text.utf8).write(to: file(name))
        }
        #expect(try self.text(of: name) == text, sourceLocation: sourceLocation)
    }

    private static func file(_ name: String) -> URL {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.deletingLastPathComponent().appending(path: "docs/\(name)")
    }
}
