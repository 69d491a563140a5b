import CLinux
import Glibc

/// Loading of kernel modules without modprobe.
public enum KernelModules {
    /// Loads modules in this order, each module's dependencies before it. One that is loaded already is no error.
    ///
    /// - Parameter files: paths of uncompressed `.ko` files.
    /// - Throws: `SystemCallError` with ENOENT when a symbol of another module is missing, ENOEXEC for another kernel's module, EPERM
    ///   without `CAP_SYS_MODULE`.
    public static func load(_ files: [String]) throws {
        for path in files {
            let file = try openFile(path, O_RDONLY)
            let raw = file.rawValue
            do {
                try systemCall("load module", path) { linux_load_module(raw, "") }
            } catch let error as SystemCallError where error.errno == .exists {
                continue
            }
        }
    }
}
