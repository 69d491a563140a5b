import Glibc

/// Finds programs the way a shell does.
public enum ExecutableLookup {
    /// The path of a program, or nil when there is none.
    ///
    /// - Parameters:
    ///   - name: looked up in every folder of the search path; one with a slash is a path already.
    ///   - searchPath: folders parted by colons; nil for this process's PATH. The system folders are always searched last, because a user's
    ///     PATH often lacks `/usr/sbin`.
    public static func path(of name: String, searchPath: String? = nil) -> String? {
        if name.utf8.contains(UInt8(ascii: "/")) { return isExecutable(name) ? name : nil }
        let path = searchPath ?? getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        return folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
