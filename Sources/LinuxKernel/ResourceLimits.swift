import Glibc

/// Limits of this process.
public enum ResourceLimits {
    /// Raises the number of descriptors this process may open: each namespace takes several.
    ///
    /// - Parameter wanted: tried first; without the right to exceed the hard limit (`CAP_SYS_RESOURCE`), the hard limit is what remains.
    /// - Returns: the limit that is now in force.
    @discardableResult
    public static func raiseOpenFiles(to wanted: UInt64) throws -> UInt64 {
        var limit = rlimit()
        try systemCall("getrlimit", "open files") { getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        if limit.rlim_cur >= wanted { return UInt64(limit.rlim_cur) }
        var raised = rlimit(rlim_cur: rlim_t(wanted), rlim_max: max(limit.rlim_max, rlim_t(wanted)))
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { return wanted }
        raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        try systemCall("setrlimit", "open files") { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) }
        return UInt64(raised.rlim_cur)
    }
}
