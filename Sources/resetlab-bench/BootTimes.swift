import AgentProtocol
import CRawReplay
import Glibc
import Lab
import LinuxKernel

/// When a booted guest had got how far, in virtual time; found by process 1, in its kernel's log.
struct BootTimes: Codable {
    /// From the machine's start to the kernel's clock's: firmware, and the kernel's first steps. In seconds.
    var firmware: Double
    /// When the image began to be unpacked, and was, by the kernel's clock. Other parts of the kernel are initialised meanwhile.
    var unpacking: Double
    var unpacked: Double
    /// When the kernel started process 1.
    var started: Double
    /// When its first statement ran: program and runtime are loaded.
    var entered: Double
    /// When its modules were loaded and its stream was open.
    var prepared: Double

    /// Call it as process 1's first statement, and then what is returned once the guest is prepared.
    static func begin() -> () throws -> BootTimes {
        let entered = Double(SystemClock.boottime.nanoseconds) / 1e9
        // In virtual time the counter counts nanoseconds from the machine's start.
        let firmware = Double(raw_timestamp_counter()) / 1e9 - entered
        return {
            let prepared = Double(SystemClock.boottime.nanoseconds) / 1e9
            let log = try kernelLog()
            func time(_ text: String) throws -> Double {
                guard let line = log.first(where: { $0.text.hasPrefix(text) }) else {
                    throw BenchFailure("the kernel's log has no line that begins with '\(text)'")
                }
                return line.time
            }
            return BootTimes(
                firmware: firmware, unpacking: try time("Trying to unpack rootfs image"), unpacked: try time("Freeing initrd memory"),
                started: try time("Run /init as init process"), entered: entered, prepared: prepared)
        }
    }

    /// The log's messages with their times in seconds (`/dev/kmsg`: `priority,number,microseconds,flags;text`).
    private static func kernelLog() throws -> [(time: Double, text: String)] {
        let raw = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", "/dev/kmsg", .last) }
        let log = FileDescriptor(owning: raw)
        var lines: [(Double, String)] = []
        var record = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(log.rawValue, &record, record.count)
            // One record a call. EPIPE: the oldest ones are gone.
            if count < 0, errno == EPIPE { continue }
            guard count > 0 else { return lines }
            let parts = String(decoding: record[..<count], as: UTF8.self).split(separator: ";", maxSplits: 1)
            let fields = parts[0].split(separator: ",")
            guard parts.count == 2, fields.count > 2, let time = Double(fields[2]) else { continue }
            lines.append((time / 1e6, String(parts[1])))
        }
    }
}

extension BootTimes {
    /// The table's lines.
    ///
    /// - Parameter image: the image's size in bytes.
    func findings(image: Int) -> [Finding] {
        let parts: [(String, Double)] = [
            ("firmware and the kernel's first steps", firmware), ("the kernel up to its image", unpacking),
            ("unpacking the image, \(image >> 20) MiB", unpacked - unpacking), ("the rest of the kernel", started - unpacked),
            ("loading process 1", entered - started), ("modules and stream", prepared - entered),
        ]
        return parts.map { Finding("boot of a guest with the benchmark's image, virtual: \($0.0)", "ms", Series([$0.1 * 1_000])) }
    }
}
