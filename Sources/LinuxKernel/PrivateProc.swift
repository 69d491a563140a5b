import CLinux
import Glibc

/// An instance of procfs that nobody else sees, mounted nowhere, and a new one every so often: what settings of namespaces are looked up in.
///
/// Below `/proc/sys/net` all namespaces' folders have the same names, and the kernel goes through those of all that were looked at
/// (`proc_sys_compare`), several times for a namespace that is new: 0.38 ms for four settings on average over 2,000 namespaces, by hand, and
/// 0.06 ms with an instance that knows few of them.
final class PrivateProc {
    /// How many folders are opened through one instance: making one takes as long as a few of them.
    private static let mostUses = 128

    private var instance: Int32?
    private var uses = 0

    deinit { dropInstance() }

    /// Opens a folder of the calling thread's namespace.
    ///
    /// In `/proc` itself where no instance can be had: without the right to mount, or before Linux 5.2. Before 5.8 there is only one instance,
    /// and nothing is gained.
    /// - Parameter path: below `/proc`, such as `sys/net/ipv4`.
    /// - Throws: `SystemCallError`, ENOENT without such a folder.
    func openFolder(_ path: String) throws -> FileDescriptor {
        if uses % Self.mostUses == 0 {
            dropInstance()
            let made = linux_open_private_proc()
            instance = made < 0 ? nil : made
        }
        uses += 1
        let raw = openat(instance ?? AT_FDCWD, instance == nil ? "/proc/\(path)" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", "/proc/\(path)", .last) }
        return FileDescriptor(owning: raw)
    }

    private func dropInstance() {
        if let instance { close(instance) }
        instance = nil
    }
}
