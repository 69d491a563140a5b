import Foundation
import Testing

/// A file beside the tests that holds what the code is expected to write.
///
/// With RESETLAB_RECORD_GOLDEN=1 in the environment the files are written anew; read the difference before committing it.
enum GoldenFile {
    static func expect(_ text: String, equals name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
        if ProcessInfo.processInfo.environment["RESETLAB_RECORD_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self), sourceLocation: sourceLocation)
    }
}
