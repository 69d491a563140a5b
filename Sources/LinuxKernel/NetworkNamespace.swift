import CLinux
import Glibc

/// A network namespace, held open by a descriptor.
///
/// Named ones are made as iproute2 makes them, a bind mount below `/run/netns`, so that `ip netns exec NAME` works on them. The
/// namespace ends when its name is removed and the last descriptor, socket, process and thread in it are gone.
public final class NetworkNamespace: Sendable {
    /// What tells a namespace from every other one while it exists: its inode in the kernel's nsfs.
    ///
    /// A name can be given to another namespace later; whoever removes what an earlier run made compares identities first.
    public struct Identity: Hashable, Codable, Sendable {
        public let device: UInt64
        public let inode: UInt64

        public init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// The name below `/run/netns`; nil for the namespace of a thread or process.
    public let name: String?
    public let identity: Identity
    private let owned: FileDescriptor

    private init(name: String?, owning descriptor: consuming FileDescriptor) throws {
        self.name = name
        identity = try Identity(of: descriptor, name ?? "network namespace")
        owned = descriptor
    }

    /// For `setns` and for netlink's `IFLA_NET_NS_FD`, while this object lives.
    public var fileDescriptor: Int32 { owned.rawValue }

    /// The namespace's name, or a word for one that has none: for error messages.
    public var label: String { name ?? "this namespace" }

    /// Opens a namespace by its name.
    ///
    /// - Throws: `SystemCallError` with ENOENT when there is none of this name, EINVAL when the file is no mounted namespace.
    public static func open(named name: String) throws -> NetworkNamespace {
        let path = try path(of: name)
        let descriptor = try openFile(path, O_RDONLY)
        guard descriptor.isNetworkNamespace else { throw SystemCallError("open network namespace", path, .invalidArgument) }
        return try NetworkNamespace(name: name, owning: descriptor)
    }

    /// The calling thread's own namespace.
    public static func ofThisThread() throws -> NetworkNamespace {
        try NetworkNamespace(name: nil, owning: openFile(threadPath, O_RDONLY))
    }

    /// Whether a namespace has this name.
    public static func exists(named name: String) -> Bool { (try? open(named: name)) != nil }

    /// Gives the calling thread a namespace of its own and binds it to the name, below the shared directory. Only for the namespace thread,
    /// which goes back afterwards.
    ///
    /// - Throws: `SystemCallError` with EEXIST when the name is taken, EPERM without `CAP_SYS_ADMIN`.
    static func unshareNamed(_ name: String) throws -> NetworkNamespace {
        let path = try path(of: name)
        // The mount point is an empty file. O_EXCL makes this the step that reserves the name.
        try openFile(path, O_RDONLY | O_CREAT | O_EXCL).close()
        do {
            try systemCall("unshare", name) { linux_unshare_network() }
            try systemCall("mount", path) { mount(threadPath, path, "none", UInt(MS_BIND), nil) }
            return try open(named: name)
        } catch {
            _ = umount2(path, Int32(MNT_DETACH))
            _ = unlink(path)
            throw error
        }
    }

    /// Removes the name; the namespace ends with its last user.
    ///
    /// - Parameter identity: when given, the name is left alone if another namespace bears it by now.
    /// - Returns: false when there was nothing to remove: no such name, or another namespace's.
    /// - Note: a name that is an empty file only, left by a crash between the two steps of making one, is removed with or without identity.
    @discardableResult
    public static func remove(named name: String, identity: Identity? = nil) throws -> Bool {
        let path = try path(of: name)
        let isNamespace: Bool
        do {
            let descriptor = try openFile(path, O_RDONLY)
            isNamespace = descriptor.isNetworkNamespace
            let found = try Identity(of: descriptor, path)
            if isNamespace, let identity, identity != found { return false }
        } catch let error as SystemCallError where error.errno == .noSuchEntry {
            return false
        }
        // Detached rather than unmounted: a process of the namespace's own mount namespace may hold it.
        if isNamespace { try systemCall("umount", path) { umount2(path, Int32(MNT_DETACH)) } }
        try systemCall("unlink", path) { unlink(path) }
        return true
    }

    /// Where names of namespaces are kept, iproute2's `/var/run/netns`.
    public static let directory = "/run/netns"
    private static let threadPath = "/proc/thread-self/ns/net"

    private static func path(of name: String) throws -> String {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255, !name.utf8.contains(where: { $0 == 0x2f || $0 == 0 }) else {
            throw SystemCallError("name network namespace", "'\(name)'", .invalidArgument)
        }
        return directory + "/" + name
    }

    /// Makes the directory a shared mount of its own, as `ip netns add` does, so that a name removed in one mount namespace goes in all.
    static func shareDirectoryOfNames() throws {
        if mkdir(directory, 0o755) != 0 {
            let errno = Errno.last
            if errno != .exists { throw SystemCallError("mkdir", directory, errno) }
        }
        if mount("", directory, "none", UInt(MS_SHARED | MS_REC), nil) == 0 { return }
        let errno = Errno.last
        // EINVAL: the directory is not a mount point yet.
        guard errno == .invalidArgument else { throw SystemCallError("mount --make-shared", directory, errno) }
        try systemCall("mount --bind", directory) { mount(directory, directory, "none", UInt(MS_BIND | MS_REC), nil) }
        try systemCall("mount --make-shared", directory) { mount("", directory, "none", UInt(MS_SHARED | MS_REC), nil) }
    }
}

extension NetworkNamespace.Identity {
    fileprivate init(of descriptor: borrowing FileDescriptor, _ object: String) throws {
        let raw = descriptor.rawValue
        var status = stat()
        try systemCall("fstat", object) { fstat(raw, &status) }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

extension FileDescriptor {
    /// Whether this is a network namespace of nsfs rather than an ordinary file (ioctl_ns(2)).
    fileprivate var isNetworkNamespace: Bool { linux_is_network_namespace(rawValue) == 1 }
}
