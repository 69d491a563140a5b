import CLinux
import Glibc
import LinuxKernel

/// A file without a name, in memory (memfd_create(2)): gone with the last process that has it open, whatever ends that process.
struct MemoryFile: ~Copyable {
    let descriptor: FileDescriptor

    /// The contents one behind the other; the descriptor stands at the beginning.
    init(name: String, contents: [[UInt8]]) throws {
        let number = linux_memory_file(name)
        guard number >= 0 else { throw SystemCallError("memfd_create", name, .last) }
        let file = FileDescriptor(owning: number)
        for bytes in contents { try FileTree.write(bytes, toDescriptor: number, named: name) }
        lseek(number, 0, SEEK_SET)
        descriptor = file
    }

    /// Zeros, which take no memory until they are written over.
    ///
    /// - Parameters:
    ///   - size: in bytes.
    ///   - contents: what stands at the beginning.
    init(name: String, size: Int, contents: [[UInt8]] = []) throws {
        let file = try MemoryFile(name: name, contents: contents)
        guard ftruncate(file.descriptor.rawValue, size) == 0 else { throw SystemCallError("ftruncate", name, .last) }
        self = file
    }

    /// The descriptor, to be closed by whoever takes it.
    consuming func takeDescriptor() -> Int32 { descriptor.release() }
}
