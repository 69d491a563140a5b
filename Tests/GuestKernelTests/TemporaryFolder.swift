import Glibc
import LinuxKernel

@testable import GuestKernel

/// A folder for one test, removed with all that is in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/resetlab-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", "/tmp", .last) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileTree.remove(path) }

    /// Writes a file, and the folders above it.
    @discardableResult
    func file(_ name: String, _ contents: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        if let slash = file.lastIndex(of: "/") { try FileTree.makeFolder(String(file[..<slash])) }
        try FileTree.write(contents, to: file)
        return file
    }
}
