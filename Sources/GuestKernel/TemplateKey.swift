import Glibc
import Hashing
import LinuxKernel
import Processes

/// All that a saved guest depends on: with any of it changed, another template is needed.
struct TemplateKey {
    /// 64 hexadecimal digits.
    let name: String

    /// - Parameters:
    ///   - arguments: the machine's; its memory and the kernel's command line are in them.
    ///   - image: the image's contents, agent and modules among them.
    /// - Throws: `SystemCallError` when the kernel or QEMU cannot be looked at.
    init(arguments: MachineArguments, image: GuestImage) throws {
        var arguments = arguments
        arguments.start = .saving
        guard let emulator = ExecutableLookup.path(of: MachineArguments.program) else {
            throw GuestKernelError.toolMissing(program: MachineArguments.program, package: MachineArguments.package)
        }
        var hash = SHA256()
        let parts = arguments.arguments + [try Self.identity(of: arguments.kernel), try Self.identity(of: emulator)]
        // The first word changes with the file's format and with how a guest is saved.
        hash.update(Array((["resetlab template 2"] + parts).joined(separator: "\0").utf8))
        for archive in image.archives(for: arguments.clock) { hash.update(archive) }
        name = hash.digest().description
    }

    /// A file as it is now, without reading it: which one, how large, when changed. The change time follows the machine's clock and nothing else.
    private static func identity(of path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemCallError("stat", path, .last) }
        let (written, changed) = (status.st_mtim, status.st_ctim)
        return "\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
            + "\(changed.tv_sec).\(changed.tv_nsec)"
    }
}
