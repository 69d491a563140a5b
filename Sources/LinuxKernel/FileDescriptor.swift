import Glibc

/// A file descriptor with one owner: closed when the owner goes away.
public struct FileDescriptor: ~Copyable, Sendable {
    /// For system calls made while the owner is alive; never to be closed by the caller.
    public let rawValue: Int32

    /// Takes over an open descriptor.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    /// Closes the descriptor now. An error of `close` has no use here: Linux has released the descriptor in any case.
    public consuming func close() {}

    /// Gives the descriptor to a caller that closes it.
    public consuming func release() -> Int32 {
        let descriptor = rawValue
        discard self
        return descriptor
    }

    deinit { _ = Glibc.close(rawValue) }
}
