import Addressing
import CSocket
import Glibc
import LinuxKernel
import Probing

/// One end of a TCP connection, or a listener: non-blocking, sending at once (TCP_NODELAY).
///
/// It belongs to the namespace of the thread that makes it; from then on any thread may use it. Closed with its last reference, and then the
/// connection is reset, whatever was still to be sent.
public final class TCPSocket {
    /// What a read or a write came to.
    enum Outcome: Equatable {
        case bytes(Int)
        /// Nothing there, or no room: to be tried again when the descriptor is ready.
        case later
        /// The peer sends no more.
        case ended
        case failed(Errno)
    }

    /// The largest segment, in bytes: what the service's documentation recommends for traffic through its tunnels ("TCP MSS clamping at
    /// 1350", About VPN devices), so that a segment fits sealed.
    public static let largestSegment: Int32 = 1_350

    private let descriptor: FileDescriptor

    private init(owning descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    private static func make(_ family: IPAddress.Family, _ object: String, userTimeout: Duration? = nil) throws -> TCPSocket {
        let raw = socket(
            family == .v4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", object, .last) }
        let socket = TCPSocket(owning: FileDescriptor(owning: raw))
        let milliseconds = UInt32(clamping: (userTimeout?.nanoseconds ?? 0) / 1_000_000)
        guard resetlab_tcp_prepare(raw, largestSegment, milliseconds) == 0, resetlab_reset_on_close(raw) == 0 else {
            throw SystemCallError("setsockopt", object, .last)
        }
        return socket
    }

    /// Begins to connect; the descriptor is writable once that is done or has failed (`pendingError`).
    ///
    /// - Parameter userTimeout: after how long without acknowledgement the connection is given up (RFC 5482); nil for the system's patience.
    /// - Throws: `SystemCallError`, ENETUNREACH without a route, EADDRNOTAVAIL without the source address.
    public static func connecting(
        from address: IPAddress, to peer: IPAddress, port: UInt16, userTimeout: Duration? = nil
    ) throws -> TCPSocket {
        let object = "TCP \(address) → \(peer) port \(port)"
        let socket = try make(address.family, object, userTimeout: userTimeout)
        guard SocketAddress(address, port: 0).withPointer({ bind(socket.fileDescriptor, $0, $1) }) == 0 else {
            throw SystemCallError("bind", object, .last)
        }
        guard SocketAddress(peer, port: port).withPointer({ connect(socket.fileDescriptor, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw SystemCallError("connect", object, .last)
        }
        return socket
    }

    /// - Throws: `SystemCallError`, EADDRINUSE when someone listens there, EADDRNOTAVAIL without the address.
    public static func listening(on address: IPAddress, port: UInt16, userTimeout: Duration? = nil) throws -> TCPSocket {
        let object = "TCP listener \(address) port \(port)"
        let socket = try make(address.family, object, userTimeout: userTimeout)
        var yes: Int32 = 1
        guard setsockopt(socket.fileDescriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallError("setsockopt", object, .last)
        }
        guard SocketAddress(address, port: port).withPointer({ bind(socket.fileDescriptor, $0, $1) }) == 0 else {
            throw SystemCallError("bind", object, .last)
        }
        guard listen(socket.fileDescriptor, SOMAXCONN) == 0 else { throw SystemCallError("listen", object, .last) }
        return socket
    }

    /// The next connection of a listener; nil when none waits.
    func accept() -> TCPSocket? {
        let raw = Glibc.accept(fileDescriptor, nil, nil)
        guard raw >= 0 else { return nil }
        let socket = TCPSocket(owning: FileDescriptor(owning: raw))
        // All other options come from the listener.
        let flags = fcntl(raw, F_GETFL)
        _ = fcntl(raw, F_SETFL, flags | O_NONBLOCK)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        return socket
    }

    var fileDescriptor: Int32 { descriptor.rawValue }

    /// Why the connection ended, or why there is none; nil for neither. Told once (SO_ERROR).
    var pendingError: Errno? {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(fileDescriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { return .last }
        return error == 0 ? nil : Errno(code: error)
    }

    func read(into bytes: UnsafeMutableRawBufferPointer) -> Outcome {
        let count = recv(fileDescriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        return count > 0 ? .bytes(count) : count == 0 ? .ended : Self.outcome(of: .last)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        let count = send(fileDescriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        return count >= 0 ? .bytes(count) : Self.outcome(of: .last)
    }

    private static func outcome(of error: Errno) -> Outcome {
        error == .wouldBlock || error == .interrupted ? .later : .failed(error)
    }

    /// Segments sent again so far (`tcpi_total_retrans`).
    var retransmissions: Int {
        var segments: UInt32 = 0
        return resetlab_tcp_retransmissions(fileDescriptor, &segments) == 0 ? Int(segments) : 0
    }
}
