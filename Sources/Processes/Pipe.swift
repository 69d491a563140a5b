import Glibc
import LinuxKernel

/// A pair of connected descriptors, both closed on exec.
public struct Pipe: ~Copyable {
    public let reader: FileDescriptor
    public let writer: FileDescriptor

    public init(reader: consuming FileDescriptor, writer: consuming FileDescriptor) {
        self.reader = reader
        self.writer = writer
    }

    /// - Throws: `SystemCallError` when the process or the system has no descriptors left.
    public init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError("pipe", "a pipe", .last) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.init(reader: FileDescriptor(owning: ends[0]), writer: FileDescriptor(owning: ends[1]))
    }

    /// Gives both ends away.
    public consuming func ends() -> (reader: Int32, writer: Int32) { (reader.release(), writer.release()) }
}
