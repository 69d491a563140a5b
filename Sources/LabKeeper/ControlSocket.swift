import Glibc
import LinuxKernel

/// The lab's socket. It is reached through a descriptor of its folder: a socket's path may have 107 bytes, a folder's 4,095.
enum ControlSocket {
    /// Listens; only this user may connect.
    static func listen(in folder: LabFolder) throws -> FileDescriptor {
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", folder.socket, .last) }
        let descriptor = FileDescriptor(owning: raw)
        let before = umask(0o177)
        defer { umask(before) }
        guard try withAddress(in: folder, { bind(raw, $0, $1) }) == 0 else { throw SystemCallError("bind", folder.socket, .last) }
        guard Glibc.listen(raw, 16) == 0 else { throw SystemCallError("listen", folder.socket, .last) }
        return descriptor
    }

    static func connect(to folder: LabFolder) throws -> FileDescriptor {
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", folder.socket, .last) }
        let descriptor = FileDescriptor(owning: raw)
        guard try withAddress(in: folder, { Glibc.connect(raw, $0, $1) }) == 0 else {
            throw SystemCallError("connect", folder.socket, .last)
        }
        return descriptor
    }

    private static func withAddress(
        in folder: LabFolder, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let raw = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", folder.path, .last) }
        let descriptor = FileDescriptor(owning: raw)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = "/proc/self/fd/\(descriptor.rawValue)/control.sock"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        // What follows reads errno: the descriptor is closed after that.
        return withExtendedLifetime(descriptor.rawValue) { result }
    }
}
