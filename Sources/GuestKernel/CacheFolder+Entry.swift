import Glibc

/// Small files that are kept in the cache and may be lost at any time.
extension CacheFolder {
    /// Larger ones were not written by this program.
    private static let largestEntry = 1 << 20

    /// nil when there is none, or none that can be read.
    public func entry(named name: String) -> [UInt8]? {
        guard let bytes = try? FileTree.read("\(path)/\(name)"), bytes.count <= Self.largestEntry else { return nil }
        return bytes
    }

    /// Whoever reads it meanwhile finds the old one or the new one, never a part. Of two processes that replace it at once, one has its way.
    ///
    /// - Throws: `SystemCallError` where nothing can be written.
    public func replaceEntry(named name: String, with bytes: [UInt8]) throws {
        try FileTree.makeFolder(path)
        try FileTree.replace("\(path)/\(name)", with: bytes)
    }
}
