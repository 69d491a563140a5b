import CLinux
import Glibc

/// An error number of the kernel, with its name and meaning.
public struct Errno: Error, Hashable, Sendable {
    /// Positive, as `errno` holds it; netlink's negative numbers are turned before.
    public let code: Int32

    public init(code: Int32) { self.code = code }

    /// What the calling thread's last failed system call left. Read it before any other call.
    public static var last: Errno { Errno(code: errno) }

    /// The symbol, `EEXIST` for example.
    public var name: String {
        guard let name = linux_errno_name(code) else { return "errno \(code)" }
        return String(cString: name)
    }

    /// The C library's English sentence, independent of the locale.
    public var message: String {
        guard let text = linux_errno_message(code) else { return "unknown error" }
        return String(cString: text)
    }
}

extension Errno: CustomStringConvertible {
    public var description: String { "\(message) (\(name))" }
}

extension Errno {
    public static let notPermitted = Errno(code: EPERM)
    public static let noSuchEntry = Errno(code: ENOENT)
    public static let noSuchProcess = Errno(code: ESRCH)
    public static let interrupted = Errno(code: EINTR)
    public static let inputOutput = Errno(code: EIO)
    public static let badDescriptor = Errno(code: EBADF)
    public static let wouldBlock = Errno(code: EAGAIN)
    public static let outOfMemory = Errno(code: ENOMEM)
    public static let accessDenied = Errno(code: EACCES)
    public static let busy = Errno(code: EBUSY)
    public static let exists = Errno(code: EEXIST)
    public static let noSuchDevice = Errno(code: ENODEV)
    public static let notADirectory = Errno(code: ENOTDIR)
    public static let invalidArgument = Errno(code: EINVAL)
    public static let outOfRange = Errno(code: ERANGE)
    public static let notImplemented = Errno(code: ENOSYS)
    public static let messageTooLong = Errno(code: EMSGSIZE)
    public static let notSupported = Errno(code: EOPNOTSUPP)
    public static let protocolNotSupported = Errno(code: EPROTONOSUPPORT)
    public static let familyNotSupported = Errno(code: EAFNOSUPPORT)
    public static let addressInUse = Errno(code: EADDRINUSE)
    public static let addressNotAvailable = Errno(code: EADDRNOTAVAIL)
    public static let networkDown = Errno(code: ENETDOWN)
    public static let networkUnreachable = Errno(code: ENETUNREACH)
    public static let noBufferSpace = Errno(code: ENOBUFS)
    public static let timedOut = Errno(code: ETIMEDOUT)
    public static let connectionRefused = Errno(code: ECONNREFUSED)
    public static let badMessage = Errno(code: EBADMSG)
}
