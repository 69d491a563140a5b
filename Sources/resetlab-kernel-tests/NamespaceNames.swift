import Glibc
import Lab
import LinuxKernel

/// The names under `/run/netns`: what a check must leave as it found.
enum NamespaceNames {
    static func all() throws -> Set<String> {
        guard let directory = opendir(NetworkNamespace.directory) else {
            if Errno.last == .noSuchEntry { return [] }
            throw SystemCallError("opendir", NetworkNamespace.directory, .last)
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { names.insert(name) }
        }
        return names
    }

    /// Those that nobody else can have made or removed: in a guest all, on a machine with others at work the ones with this process's number.
    static func own() throws -> Set<String> {
        try ProcessOne.isThisProcess ? all() : all().filter { $0.split(separator: "-").contains("\(getpid())") }
    }

    /// Runs a check and asserts that it has left no name behind and removed none.
    static func unchanged(_ check: () throws -> Void) throws {
        let before = try own()
        let outcome = Result { try check() }
        let after = try own()
        try outcome.get()
        try expectEqual(after.symmetricDifference(before).sorted(), [], "namespaces left behind, or removed")
    }
}
