import Foundation

/// A folder for one test, removed with all that is in it. The names of all of them begin in one way, so that a test that counts what others leave
/// among the temporary files knows them.
public final class TemporaryFolder: Sendable {
    public static let prefix = "resetlab-test."

    public let path: String

    public init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "\(Self.prefix)\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and the folders above it, and returns its path.
    @discardableResult
    public func file(_ name: String, _ contents: [UInt8]) throws -> String {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(contents).write(to: file)
        return file.path
    }

    /// Writes a file, and the folders above it, and returns its path.
    @discardableResult
    public func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

    public var contents: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}
