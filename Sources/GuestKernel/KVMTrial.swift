import Glibc
import LinuxKernel
import Processes

/// Finds out whether `/dev/kvm` works, by booting a kernel on it.
///
/// The device alone says little: where virtual machines are nested it may make QEMU abort or hang. A kernel without an image panics for want of
/// a root file system, in about a second; one that has not by the deadline hangs. The outcome is kept, since a hang costs the whole deadline.
public struct KVMTrial: Sendable {
    public enum Verdict: Sendable, Hashable {
        case works
        case fails(reason: String)
    }

    /// How long a kernel may take to come to its panic.
    private static let deadline = Duration.seconds(8)

    private let kernel: PreparedKernel
    private let folder: CacheFolder
    private let launcher: Launcher?

    public init(kernel: PreparedKernel, folder: CacheFolder, launcher: Launcher? = Launcher()) {
        self.kernel = kernel
        self.folder = folder
        self.launcher = launcher
    }

    /// The remembered verdict, or the one of a trial, which takes 1 to 8 s.
    public func verdict() throws -> Verdict {
        guard access("/dev/kvm", R_OK | W_OK) == 0 else { return .fails(reason: "/dev/kvm: \(Errno.last)") }
        let key = try KVMTrial.key(kernel)
        if let remembered = remembered(key) { return remembered }
        let verdict = try attempt()
        try remember(verdict, key)
        return verdict
    }

    /// The verdict of an earlier trial with this QEMU, guest kernel and host kernel, if there was one.
    public var rememberedVerdict: Verdict? { (try? KVMTrial.key(kernel)).flatMap(remembered) }

    private func attempt() throws -> Verdict {
        var arguments = MachineArguments(kernel: kernel.image, clock: .real(.kvm), memory: 256)
        arguments.hasImage = false
        let console = try Pipe().ends()
        let writer = FileDescriptor(owning: console.writer)
        let output = GuestConsole(reader: FileDescriptor(owning: console.reader))
        let process = try ChildProcess(
            Command(MachineArguments.program, arguments.arguments),
            descriptors: [1: writer.rawValue, 2: writer.rawValue, MachineArguments.consoleDescriptor: writer.rawValue], launcher: launcher)
        // What a panic prints fits into the pipe.
        let status = process.wait(for: KVMTrial.deadline)
        process.kill()
        output.drain()
        return KVMTrial.judge(status, console: output.text)
    }

    static func judge(_ status: ExitStatus?, console: String) -> Verdict {
        guard let status else { return .fails(reason: "a kernel does not start on it within \(deadline.components.seconds) s") }
        // A panic with `-no-reboot` ends QEMU with success.
        if status.isSuccess, console.contains("Kernel panic") { return .works }
        let line = console.split(whereSeparator: \.isNewline).last { !$0.isEmpty }
        return .fails(reason: "QEMU: \(status)\(line.map { ": \($0)" } ?? "")")
    }

    // One line a verdict: the key, a tab, "works" or the reason.

    private var file: String { "\(folder.path)/kvm" }

    private static func key(_ kernel: PreparedKernel) throws -> String {
        var host = utsname()
        uname(&host)
        let release = withUnsafeBytes(of: &host.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return "\(try QEMU.version()), guest \(kernel.release), host \(release)"
    }

    private func remembered(_ key: String) -> Verdict? {
        guard let text = try? FileTree.text(file) else { return nil }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            if parts.count == 2, parts[0] == key { return parts[1] == "works" ? .works : .fails(reason: String(parts[1])) }
        }
        return nil
    }

    private func remember(_ verdict: Verdict, _ key: String) throws {
        let outcome =
            switch verdict {
            case .works: "works"
            case .fails(let reason): String(reason.map { $0.isNewline ? " " : $0 })
            }
        try folder.locked {
            // Other kernels' verdicts stay, the latest ones.
            let others = ((try? FileTree.text(file)) ?? "").split(separator: "\n").filter { !$0.hasPrefix("\(key)\t") }.suffix(15)
            let lines = others + ["\(key)\t\(outcome)"]
            try FileTree.replace(file, with: Array((lines.joined(separator: "\n") + "\n").utf8))
        }
    }
}
