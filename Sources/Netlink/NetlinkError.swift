import LinuxKernel

/// Why a netlink request failed: what was tried, on what, and the kernel's own words where it gave any.
public struct NetlinkError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The kernel answered the request with an error.
        case refused(Refusal)
        /// A system call on the socket failed.
        case systemCall(String, Errno)
        /// No answer within the socket's time limit. The request may have been carried out or may still be.
        case timedOut(Duration)
        /// The socket's receive buffer was full and messages were lost (ENOBUFS): nothing is known about them.
        case overrun
        /// A message was longer than the receive buffer, in bytes.
        case truncated(length: Int)
        /// What is dumped kept changing, in each of so many attempts.
        case inconsistentDump(attempts: Int)
        /// Received bytes that are no well-formed message, and why.
        case malformed(String)
        /// A message or attribute that does not fit the format's length field.
        case tooLong(String)
    }

    /// What the kernel said about a request that it did not carry out.
    public struct Refusal: Hashable, Sendable {
        public let errno: Errno
        /// The kernel's explanation (extended acknowledgement), "Invalid key length" for example.
        public let message: String?
        /// The attribute that the kernel did not like.
        public let offendingAttribute: AttributeType?
        /// That attribute's place, or the header field's, in bytes from the start of the request's header.
        public let offset: Int?
        /// An attribute that the request lacks.
        public let missingAttribute: AttributeType?
    }

    /// `add`, `dump`, … in the words of whoever made the request.
    public var operation: String
    /// What the request was about, "SA 192.0.2.1 → 198.51.100.1 0x00001000" for example.
    public var object: String
    public let reason: Reason

    public init(_ reason: Reason, operation: String = "", object: String = "") {
        self.reason = reason
        self.operation = operation
        self.object = object
    }

    /// The error number behind the failure, if there is one.
    public var errno: Errno? {
        switch reason {
        case .refused(let refusal): refusal.errno
        case .systemCall(_, let errno): errno
        case .overrun: .noBufferSpace
        case .timedOut: .timedOut
        case .truncated, .inconsistentDump, .malformed, .tooLong: nil
        }
    }

    /// The kernel's refusal, nil when the failure is of another kind.
    public var refusal: Refusal? {
        if case .refused(let refusal) = reason { refusal } else { nil }
    }

    /// The kernel's explanation, if it gave one.
    public var kernelMessage: String? { refusal?.message }

    /// EEXIST.
    public var isAlreadyExists: Bool { refusal?.errno == .exists }
    /// ENOENT, ESRCH or ENODEV: each part of the kernel has its own number for what is not there.
    public var isNotFound: Bool { refusal.map { [.noSuchEntry, .noSuchProcess, .noSuchDevice].contains($0.errno) } ?? false }
    /// EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT or ENOSYS: the kernel was built without it.
    public var isNotSupported: Bool {
        errno.map { [.notSupported, .protocolNotSupported, .familyNotSupported, .notImplemented].contains($0) } ?? false
    }
    /// EPERM or EACCES.
    public var isNotPermitted: Bool { errno.map { [.notPermitted, .accessDenied].contains($0) } ?? false }

    /// The same error with the words of whoever knows better what it was about.
    func during(_ operation: String, _ object: String) -> NetlinkError { NetlinkError(reason, operation: operation, object: object) }
}

extension NetlinkError: CustomStringConvertible {
    public var description: String {
        let subject = [operation, object].filter { !$0.isEmpty }.joined(separator: " ")
        return (subject.isEmpty ? "netlink" : subject) + ": \(reason)"
    }
}

extension NetlinkError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): "\(refusal)"
        case .systemCall(let call, let errno): "\(call): \(errno)"
        case .timedOut(let limit): "no answer from the kernel within \(limit)"
        case .overrun: "the receive buffer was full, messages were lost"
        case .truncated(let length): "a message of \(length) bytes did not fit the receive buffer"
        case .inconsistentDump(let attempts): "the list kept changing while it was read, \(attempts) times"
        case .malformed(let why): "malformed message: \(why)"
        case .tooLong(let what): "\(what) is too long"
        }
    }
}

extension NetlinkError.Refusal: CustomStringConvertible {
    public var description: String {
        var text = "\(errno)"
        if let message { text += ": \(message)" }
        if let offendingAttribute { text += " [attribute \(offendingAttribute.rawValue)]" }
        if let missingAttribute { text += " [attribute \(missingAttribute.rawValue) is missing]" }
        return text
    }
}
