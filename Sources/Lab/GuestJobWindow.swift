import AgentProtocol
import Glibc
import LinuxKernel

/// The agent's view of the `JobWindow`.
struct GuestJobWindow {
    private let folder: String

    /// nil in a guest without one, whose time is real.
    ///
    /// - Note: after `/sys` is mounted.
    init?() {
        let devices = "/sys/bus/pci/devices"
        guard let stream = opendir(devices) else { return nil }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let folder = "\(devices)/\(name)"
            guard Self.number("\(folder)/vendor") == JobWindow.vendor, Self.number("\(folder)/device") == JobWindow.device else { continue }
            self.folder = folder
            return
        }
        return nil
    }

    /// What the controller put there.
    ///
    /// - Throws: `SystemCallError` when the memory cannot be reached, EBADMSG when there is no header.
    func read() throws -> (seed: UInt64, requests: [UInt8]) {
        // No driver claims the device, so nobody else has enabled it.
        let enable = try Self.opened("\(folder)/enable", O_WRONLY)
        guard write(enable.rawValue, "1", 1) == 1 else { throw SystemCallError("enable", folder, .last) }
        let path = "\(folder)/resource\(JobWindow.resource)"
        let memory = try Self.opened(path, O_RDWR)
        guard let base = mmap(nil, JobWindow.size, PROT_READ, MAP_SHARED, memory.rawValue, 0), base != MAP_FAILED else {
            throw SystemCallError("mmap", path, .last)
        }
        defer { munmap(base, JobWindow.size) }
        let window = UnsafeRawBufferPointer(start: base, count: JobWindow.size)
        guard let header = JobWindow.Header(window.prefix(JobWindow.headerSize)) else {
            throw SystemCallError("read the job from", path, .badMessage)
        }
        return (header.seed, Array(window[JobWindow.headerSize..<JobWindow.headerSize + header.count]))
    }

    /// sysfs writes it as `0x1af4`.
    private static func number(_ path: String) -> UInt16? {
        guard let file = try? opened(path, O_RDONLY) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = Glibc.read(file.rawValue, &bytes, bytes.count)
        guard count > 2 else { return nil }
        return UInt16(String(decoding: bytes[2..<count].prefix { $0 > 0x20 }, as: UTF8.self), radix: 16)
    }

    private static func opened(_ path: String, _ flags: Int32) throws -> FileDescriptor {
        let raw = open(path, flags | O_CLOEXEC)
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        return FileDescriptor(owning: raw)
    }
}
