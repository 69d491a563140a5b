import Glibc

/// A system call that failed: what was tried, on what, and the kernel's answer.
public struct SystemCallError: Error, Hashable, Sendable {
    /// The call or what it was for: `mount`, `open`.
    public let operation: String
    /// The file, namespace or other thing that it was about.
    public let object: String
    public let errno: Errno

    public init(_ operation: String, _ object: String, _ errno: Errno) {
        self.operation = operation
        self.object = object
        self.errno = errno
    }
}

extension SystemCallError: CustomStringConvertible {
    public var description: String { "\(operation) \(object): \(errno)" }
}

/// Makes a system call again while a signal interrupts it, and turns -1 into an error.
@discardableResult
func systemCall<Result: SignedInteger>(_ operation: String, _ object: @autoclosure () -> String, _ call: () -> Result) throws -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let errno = Errno.last
        if errno != .interrupted { throw SystemCallError(operation, object(), errno) }
    }
}

/// Opens a file; `O_CLOEXEC` is added.
func openFile(_ path: String, _ flags: Int32, mode: mode_t = 0) throws -> FileDescriptor {
    FileDescriptor(owning: try systemCall("open", path) { open(path, flags | O_CLOEXEC, mode) })
}
