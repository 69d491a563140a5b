import Glibc
import LinuxKernel

/// The program that runs, and those beside it.
public enum OwnExecutable {
    /// Its path.
    ///
    /// - Throws: `SystemCallError` where /proc does not tell.
    public static func path() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
        guard count > 0 else { throw SystemCallError("readlink", "/proc/self/exe", .last) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The path of another program in the same folder, whether it is there or not.
    public static func sibling(_ name: String) throws -> String {
        let own = try path()
        return (own.lastIndex(of: "/").map { String(own[...$0]) } ?? "./") + name
    }
}
