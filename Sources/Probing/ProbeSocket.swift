import Addressing
import CSocket
import Glibc
import LinuxKernel

/// One end of a connection's probes: a UDP socket connected to the other end, with the kernel's receive timestamps (SO_TIMESTAMPNS,
/// CLOCK_REALTIME).
///
/// Connected, so that the kernel looks up route, policy and SA once for many packets, and again only when one of them has changed.
/// It belongs to the namespace of the thread that makes it; from then on any thread may use it.
public final class ProbeSocket {
    /// The port that probes come from and go to: in the range for private use (RFC 6335 §6).
    public static let port: UInt16 = 50_500

    public enum SendOutcome: Equatable, Sendable {
        case sent
        /// The sending host's own stack had no room (ENOBUFS, EAGAIN): the probe never existed.
        case unsent
        /// The network said no (no route, no SA, a policy): to the user of the network the packet is lost.
        case refused(Errno)
    }

    private let descriptor: FileDescriptor
    private let outgoing: UnsafeMutableRawBufferPointer
    /// Only a probe's header is read: the kernel drops the rest.
    private let incoming: UnsafeMutableRawBufferPointer
    private let control: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - address: this end's; several sockets may share it.
    ///   - peer: the other end's.
    ///   - payload: the length of what is sent, in bytes; at least `ProbePacket.headerLength`.
    /// - Throws: `SystemCallError`, EADDRNOTAVAIL when no interface of this namespace has the address, ENETUNREACH without a route to the peer.
    public init(from address: IPAddress, to peer: IPAddress, payload: Int) throws {
        let object = "probe socket \(address) → \(peer)"
        let family = address.family == .v4 ? AF_INET : AF_INET6
        let raw = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", object, .last) }
        descriptor = FileDescriptor(owning: raw)
        outgoing = .allocate(byteCount: max(payload, ProbePacket.headerLength), alignment: 16)
        outgoing.initializeMemory(as: UInt8.self, repeating: 0)
        incoming = .allocate(byteCount: ProbePacket.headerLength, alignment: 16)
        control = .allocate(byteCount: 256, alignment: 16)
        try setOption(SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1, object)
        // Room for the probes of many flows while the thread is busy with something else.
        try? setOption(SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20, object)
        try setOption(SOL_SOCKET, SO_REUSEADDR, 1, object)
        guard SocketAddress(address, port: Self.port).withPointer({ bind(raw, $0, $1) }) == 0 else {
            throw SystemCallError("bind", object, .last)
        }
        guard SocketAddress(peer, port: Self.port).withPointer({ connect(raw, $0, $1) }) == 0 else {
            throw SystemCallError("connect", object, .last)
        }
    }

    deinit {
        outgoing.deallocate()
        incoming.deallocate()
        control.deallocate()
    }

    /// For watching; the socket keeps it.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    public func send(_ probe: ProbePacket) -> SendOutcome {
        probe.write(to: outgoing)
        // The first failure may be an ICMP error to an earlier probe, which the kernel tells in place of sending this one.
        let first = attemptToSend()
        if case .refused = first { return attemptToSend() }
        return first
    }

    private func attemptToSend() -> SendOutcome {
        if Glibc.send(descriptor.rawValue, outgoing.baseAddress, outgoing.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) >= 0 { return .sent }
        switch Errno.last {
        case .noBufferSpace, .wouldBlock, .outOfMemory, .interrupted: return .unsent
        case let error: return .refused(error)
        }
    }

    /// Hands over what has arrived, until nothing is left: each probe with its arrival's time in nanoseconds of CLOCK_REALTIME.
    public func receive(_ body: (ProbePacket, Int64) -> Void) {
        var vector = iovec(iov_base: incoming.baseAddress, iov_len: incoming.count)
        // A pending ICMP error is reported once and cleared, and what arrived behind it is still to be read. The bound is for errors that stay.
        var errors = 0
        while errors < 16 {
            var header = msghdr()
            let count = withUnsafeMutablePointer(to: &vector) {
                header.msg_iov = $0
                header.msg_iovlen = 1
                header.msg_control = control.baseAddress
                header.msg_controllen = control.count
                return recvmsg(descriptor.rawValue, &header, Int32(MSG_DONTWAIT))
            }
            if count < 0 {
                if Errno.last == .wouldBlock { return }
                errors += 1
                continue
            }
            guard let probe = ProbePacket(UnsafeRawBufferPointer(start: incoming.baseAddress, count: count)),
                let arrival = receiveTime(of: &header)
            else { continue }
            body(probe, arrival)
        }
    }

    /// The kernel's receive timestamp, from the message's control data.
    private func receiveTime(of header: inout msghdr) -> Int64? {
        guard let time = resetlab_cmsg_find(&header, SOL_SOCKET, SO_TIMESTAMPNS_NEW, 2 * MemoryLayout<Int64>.size) else { return nil }
        let (seconds, nanoseconds) = time.loadUnaligned(as: (Int64, Int64).self)
        return seconds * 1_000_000_000 + nanoseconds
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32, _ object: String) throws {
        var value = value
        guard setsockopt(descriptor.rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallError("setsockopt", object, .last)
        }
    }
}
