import CLinux
import CMnl
import Glibc
import LinuxKernel

/// A bound netlink socket: opens, sends and receives datagrams, knows nothing of requests and replies.
struct NetlinkEndpoint: ~Copyable {
    let descriptor: FileDescriptor
    /// The address the kernel gave the socket; replies carry it.
    let portID: UInt32

    /// Dumps come in datagrams of at most 32 KiB (`netlink_dump`); a single object larger than this is not known.
    private static let bufferSize = 64 << 10

    /// Opens a socket in the calling thread's network namespace, where it stays.
    init(_ netlinkProtocol: NetlinkProtocol, groups: [UInt32] = [], receiveBufferSize: Int) throws(NetlinkError) {
        let raw = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), netlinkProtocol.rawValue)
        guard raw >= 0 else { throw Self.failure("socket") }
        let descriptor = FileDescriptor(owning: raw)
        let portID = try Self.bind(raw)
        // Beyond the system's limit only a privileged process gets; the limit itself does for small requests.
        let size = Int32(clamping: receiveBufferSize)
        if !Self.set(raw, SOL_SOCKET, SO_RCVBUFFORCE, size) { _ = Self.set(raw, SOL_SOCKET, SO_RCVBUF, size) }
        // The kernel's own words about a refusal, and no copy of the request beside them.
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK] {
            guard Self.set(raw, SOL_NETLINK, option, 1) else { throw Self.failure("setsockopt") }
        }
        for group in groups {
            guard Self.set(raw, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(bitPattern: group)) else { throw Self.failure("setsockopt") }
        }
        self.init(descriptor: descriptor, portID: portID)
    }

    private init(descriptor: consuming FileDescriptor, portID: UInt32) {
        self.descriptor = descriptor
        self.portID = portID
    }

    private static func bind(_ raw: Int32) throws(NetlinkError) -> UInt32 {
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes in
            let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
            return Glibc.bind(raw, address, length) == 0 && getsockname(raw, address, &length) == 0
        }
        guard isBound else { throw Self.failure("bind") }
        return address.nl_pid
    }

    /// Reads `errno`, so it comes first after the call.
    private static func failure(_ call: String) -> NetlinkError {
        NetlinkError(.systemCall(call, .last), operation: "open", object: "netlink socket")
    }

    /// Has rtnetlink check dump requests strictly.
    func checkStrictly() throws(NetlinkError) {
        guard Self.set(descriptor.rawValue, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1) else { throw Self.failure("setsockopt") }
    }

    private static func set(_ raw: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
        var value = value
        return setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// What the kernel lets the buffer be, in bytes of its own accounting.
    func bufferSize(_ option: Int32) -> Int {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor.rawValue, SOL_SOCKET, option, &value, &length) == 0 ? Int(value) : 0
    }

    // MARK: - Datagrams

    /// Sends one datagram to the kernel, which has handled its requests when this returns (`netlink_unicast_kernel`).
    func send(_ datagram: UnsafeRawBufferPointer) throws(NetlinkError) {
        while Glibc.send(descriptor.rawValue, datagram.baseAddress, datagram.count, 0) < 0 {
            let errno = Errno.last
            guard errno == .interrupted else { throw NetlinkError(.systemCall("send", errno)) }
        }
    }

    /// Sends one message under another header, without changing or copying it.
    func send(_ header: nlmsghdr, _ payload: UnsafeRawBufferPointer) throws(NetlinkError) {
        var header = header
        let failure: Errno? = withUnsafeMutableBytes(of: &header) { headerBytes in
            var parts = (
                iovec(iov_base: headerBytes.baseAddress, iov_len: headerBytes.count),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress), iov_len: payload.count)
            )
            return withUnsafeMutableBytes(of: &parts) { raw in
                let vectors = raw.assumingMemoryBound(to: iovec.self)
                while writev(descriptor.rawValue, vectors.baseAddress!, Int32(vectors.count)) < 0 {
                    let errno = Errno.last
                    if errno != .interrupted { return errno }
                }
                return nil
            }
        }
        if let failure { throw NetlinkError(.systemCall("send", failure)) }
    }

    /// The next datagram from the kernel, or nil when there is none yet. Others' datagrams are dropped: any process can send to this socket.
    ///
    /// - Throws: `overrun` and `truncated`, after which the socket works on.
    mutating func receive() throws(NetlinkError) -> [IncomingMessage]? {
        while true {
            var sender = sockaddr_nl()
            var failure: Errno?
            // Only while it is needed: a lab has thousands of sockets.
            let datagram = withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 8) {
                buffer -> (length: Int, bytes: [UInt8]) in
                let count = withUnsafeMutableBytes(of: &sender) { address in
                    var length = socklen_t(address.count)
                    // MSG_TRUNC has the call return the datagram's full length, whatever fits.
                    return recvfrom(
                        descriptor.rawValue, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC),
                        address.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
                }
                if count < 0 { failure = .last }
                return (count, Array(buffer.prefix(max(count, 0))))
            }
            if let failure {
                switch failure {
                case .interrupted: continue
                case .wouldBlock: return nil
                case .noBufferSpace: throw NetlinkError(.overrun)
                default: throw NetlinkError(.systemCall("recvfrom", failure))
                }
            }
            guard sender.nl_pid == 0 else { continue }
            guard datagram.length <= Self.bufferSize else { throw NetlinkError(.truncated(length: datagram.length)) }
            return try IncomingMessage.parse(datagram.bytes)
        }
    }

    /// Waits for a datagram.
    ///
    /// - Returns: whether there is one by the deadline.
    func wait(until deadline: ContinuousClock.Instant) throws(NetlinkError) -> Bool {
        while true {
            let rest = ContinuousClock.now.duration(to: deadline).components
            guard rest.seconds >= 0, rest.attoseconds >= 0 else { return false }
            // Rounded up: a wait that ends early would spin.
            let milliseconds = rest.seconds * 1_000 + rest.attoseconds / 1_000_000_000_000_000 + 1
            var poller = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            switch poll(&poller, 1, Int32(clamping: milliseconds)) {
            case 0: continue
            case 1...: return true
            default:
                let errno = Errno.last
                guard errno == .interrupted else { throw NetlinkError(.systemCall("poll", errno)) }
            }
        }
    }
}
