import Glibc

/// The file systems that process 1 of a guest needs before anything else works.
public enum Mounts {
    /// Mounts `/proc`, `/sys`, `/dev` with terminals, and a writable `/run` and `/tmp`. What is mounted already is left as it is.
    ///
    /// - Note: before the first `NamespaceThread`, which finds its namespace by `/proc`.
    public static func mountForProcessOne() throws {
        for (type, path) in [
            ("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("devpts", "/dev/pts"), ("tmpfs", "/run"), ("tmpfs", "/tmp"),
        ] {
            try mountFileSystem(type, on: path)
        }
    }

    private static func mountFileSystem(_ type: String, on path: String) throws {
        if mkdir(path, 0o755) != 0 {
            let errno = Errno.last
            if errno != .exists { throw SystemCallError("mkdir", path, errno) }
        }
        if mount(type, path, type, UInt(MS_NOSUID), nil) != 0 {
            let errno = Errno.last
            // EBUSY: this very file system is mounted there (devtmpfs by the kernel itself, for example).
            if errno != .busy { throw SystemCallError("mount \(type) on", path, errno) }
        }
    }
}
