import Glibc
import LinuxKernel

/// Where this program keeps what it can make again: `RESETLAB_CACHE`, or `resetlab` in the user's cache folder.
public struct CacheFolder: Sendable, Hashable {
    public let path: String

    public init(path: String) { self.path = path }

    /// By the XDG Base Directory Specification.
    ///
    /// - Throws: `GuestKernelError.noCacheFolder` without a home folder.
    public init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) throws {
        func folder(_ variable: String) -> String? { environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        if let named = folder("RESETLAB_CACHE") {
            path = named
        } else if let cache = folder("XDG_CACHE_HOME") {
            path = "\(cache)/resetlab"
        } else if let home = folder("HOME") {
            path = "\(home)/.cache/resetlab"
        } else {
            throw GuestKernelError.noCacheFolder
        }
    }

    /// Does the work while no other process does any in this folder; the kernel lets the lock go when the process ends, however it ends.
    func locked<Result>(_ work: () throws -> Result) throws -> Result {
        try FileTree.makeFolder(path)
        let file = "\(path)/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemCallError("open", file, .last) }
        let lock = FileDescriptor(owning: descriptor)
        while flock(lock.rawValue, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemCallError("flock", file, .last) }
        }
        return try work()
    }
}
