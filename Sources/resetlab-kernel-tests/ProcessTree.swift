import Glibc
import LinuxKernel

/// Who is whose child, by `/proc`.
enum ProcessTree {
    static func children(of parent: pid_t) -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let process = pid_t(name), self.parent(of: process) == parent { found.append(process) }
        }
        return found.sorted()
    }

    /// Reaps a child that this process has not started but inherited.
    ///
    /// - Returns: its status as wait(2) gives it.
    static func awaitEnd(of child: pid_t, within limit: Duration) throws -> Int32 {
        let deadline = SystemClock.monotonic.now + limit
        while true {
            var status: Int32 = 0
            let result = waitpid(child, &status, WNOHANG)
            if result == child { return status }
            if result < 0, Errno.last != .interrupted { throw SystemCallError("waitpid", "process \(child)", .last) }
            guard SystemClock.monotonic.now < deadline else { throw Failure(description: "process \(child) still runs after \(limit)") }
            usleep(10_000)
        }
    }

    /// The fourth field of `/proc/PID/stat`; the second, the program's name in parentheses, may hold anything.
    private static func parent(of process: pid_t) -> pid_t? {
        guard let bytes = try? FileContents.read("/proc/\(process)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")) else {
            return nil
        }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? pid_t(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
