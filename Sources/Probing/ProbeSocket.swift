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
    /// The port that probes come from and go to.
    public static let port = MeasurementPorts.probes

    public enum SendOutcome: Equatable, Sendable {
        case sent
        /// The sending host's own stack had no room (ENOBUFS, EAGAIN): the probe never existed.
        case unsent
        /// The network said no (no route, no SA, a policy): to the user of the network the packet is lost.
        case refused(Errno)
    }

    private let descriptor: FileDescriptor
    private let outgoing: UnsafeMutableRawBufferPointer
    /// Whether the network refused the last probe.
    private var wasRefused = false

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

    deinit { outgoing.deallocate() }

    /// For watching; the socket keeps it.
    public var fileDescriptor: Int32 { descriptor.rawValue }

    /// Sends a probe, once if the network takes it.
    ///
    /// A connected socket tells an ICMP error to an earlier packet (`udp_err`, sk_err) in place of its next call, and a send that meets one
    /// sends nothing (`sock_alloc_send_pskb`); that is not this probe's loss. The error does not say which of both it is: no route is ENETUNREACH
    /// like an answer from far away. The first refusal is therefore tried again, which is the probe's own outcome, since the error was told
    /// once. While probes are refused, the error is fetched before (SO_ERROR) rather than met, so that each is sent once and the kernel
    /// counts it once: a failed route look-up comes before the pending error (`udp_sendmsg`), and two of them would be two in its counters.
    public func send(_ probe: ProbePacket) -> SendOutcome {
        probe.write(to: outgoing)
        if wasRefused { dropPendingError() }
        var outcome = attemptToSend()
        if case .refused = outcome, !wasRefused { outcome = attemptToSend() }
        if case .refused = outcome { wasRefused = true } else { wasRefused = false }
        return outcome
    }

    private func attemptToSend() -> SendOutcome {
        if Glibc.send(descriptor.rawValue, outgoing.baseAddress, outgoing.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) >= 0 { return .sent }
        switch Errno.last {
        case .noBufferSpace, .wouldBlock, .outOfMemory, .interrupted: return .unsent
        case let error: return .refused(error)
        }
    }

    private func dropPendingError() {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor.rawValue, SOL_SOCKET, SO_ERROR, &error, &length)
    }

    /// Hands over what has arrived, until nothing is left: each probe with its arrival's time in nanoseconds of CLOCK_REALTIME.
    ///
    /// - Parameter batch: for what is received at once; one for many sockets.
    public func receive(_ batch: ProbeBatch, _ body: (ProbePacket, Int64) -> Void) {
        // A pending ICMP error is reported once and cleared, and what arrived behind it is still to be read. The bound is for errors that stay.
        var errors = 0
        while errors < 16 {
            let count = batch.receive(descriptor.rawValue, body)
            if count >= 0 {
                // Not full: the kernel has looked for another one.
                guard count == ProbeBatch.capacity else { return }
                continue
            }
            if Errno.last == .wouldBlock { return }
            errors += 1
        }
    }

    private func setOption(_ level: Int32, _ option: Int32, _ value: Int32, _ object: String) throws {
        var value = value
        guard setsockopt(descriptor.rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallError("setsockopt", object, .last)
        }
    }
}
