import Addressing
import CLinux
import CSocket
import Glibc
import LinuxKernel
import Probing

/// A node's UDP socket on port 500 for one address family (RFC 7296 §2): receives on every address of the node, and sends from the one it is
/// told, so that an address that moves needs no new socket.
///
/// It belongs to the namespace of the thread that makes it.
final class KeyExchangeSocket {
    static let port: UInt16 = 500

    struct Datagram {
        var source: IPAddress
        var destination: IPAddress
        var bytes: [UInt8]
    }

    private let descriptor: FileDescriptor
    private let family: IPAddress.Family
    /// Of UDP.
    private static let largestDatagram = 65_536
    private var control = [UInt8](repeating: 0, count: 256)

    init(family: IPAddress.Family) throws {
        let object = "key exchange socket"
        self.family = family
        let raw = socket(
            family == .v4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", object, .last) }
        descriptor = FileDescriptor(owning: raw)
        switch family {
        case .v4:
            try setOption(Int32(IPPROTO_IP), IP_PKTINFO, object)
        case .v6:
            try setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, object)
            try setOption(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, object)
        }
        let any = SocketAddress(IPAddress(family: family, value: 0), port: Self.port)
        guard any.withPointer({ bind(raw, $0, $1) }) == 0 else { throw SystemCallError("bind", object, .last) }
    }

    var fileDescriptor: Int32 { descriptor.rawValue }

    /// - Returns: whether the packet left. When not (no route while a link is down, no such address any more), retransmission takes care.
    @discardableResult
    func send(_ bytes: [UInt8], from source: IPAddress, to destination: IPAddress) -> Bool {
        let peer = SocketAddress(destination, port: Self.port)
        return peer.withPointer { address, addressLength in
            bytes.withUnsafeBytes { payload in
                var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress), iov_len: payload.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var header = msghdr()
                    header.msg_name = UnsafeMutableRawPointer(mutating: address)
                    header.msg_namelen = addressLength
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    return control.withUnsafeMutableBytes { control in
                        header.msg_control = control.baseAddress
                        header.msg_controllen = control.count
                        putSource(source, into: &header)
                        return sendmsg(descriptor.rawValue, &header, Int32(MSG_NOSIGNAL)) >= 0
                    }
                }
            }
        }
    }

    /// Hands over what has arrived, until nothing is left.
    func receive(_ body: (Datagram) -> Void) {
        var errors = 0
        while errors < 16 {
            guard let datagram = receiveOne() else {
                // ICMP errors are reported once each; retransmission takes care of them.
                if Errno.last == .wouldBlock { return }
                errors += 1
                continue
            }
            body(datagram)
        }
    }

    private func receiveOne() -> Datagram? {
        var source = sockaddr_storage()
        var destination: IPAddress?
        var bytes: [UInt8] = []
        // Room for a datagram only while one is taken: a lab has thousands of sockets.
        let count = withUnsafeTemporaryAllocation(byteCount: Self.largestDatagram, alignment: 8) { payload in
            control.withUnsafeMutableBytes { control in
                withUnsafeMutablePointer(to: &source) { source in
                    var vector = iovec(iov_base: payload.baseAddress, iov_len: payload.count)
                    return withUnsafeMutablePointer(to: &vector) { vector in
                        var header = msghdr()
                        header.msg_name = UnsafeMutableRawPointer(source)
                        header.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
                        header.msg_iov = vector
                        header.msg_iovlen = 1
                        header.msg_control = control.baseAddress
                        header.msg_controllen = control.count
                        let count = recvmsg(descriptor.rawValue, &header, 0)
                        if count >= 0 {
                            destination = self.destination(of: &header)
                            bytes = Array(payload.prefix(count))
                        }
                        return count
                    }
                }
            }
        }
        guard count >= 0, let peer = SocketAddress(source), let destination else { return nil }
        return Datagram(source: peer.address, destination: destination, bytes: bytes)
    }
}

extension KeyExchangeSocket {
    private func setOption(_ level: Int32, _ option: Int32, _ object: String) throws {
        var value: Int32 = 1
        guard setsockopt(descriptor.rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallError("setsockopt", object, .last)
        }
    }

    /// The source address of an outgoing packet (ip(7), RFC 3542 §6.2).
    private func putSource(_ source: IPAddress, into header: inout msghdr) {
        switch source.family {
        case .v4:
            var information = in_pktinfo()
            information.ipi_spec_dst.s_addr = UInt32(source.value).bigEndian
            _ = resetlab_cmsg_put(&header, Int32(IPPROTO_IP), IP_PKTINFO, &information, MemoryLayout<in_pktinfo>.size)
        case .v6:
            _ = resetlab_cmsg_put_source6(&header, source.bytes)
        }
    }

    /// The address that an arrived packet was sent to.
    private func destination(of header: inout msghdr) -> IPAddress? {
        switch family {
        case .v4:
            guard let data = resetlab_cmsg_find(&header, Int32(IPPROTO_IP), IP_PKTINFO, MemoryLayout<in_pktinfo>.size) else { return nil }
            return IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: data.loadUnaligned(as: in_pktinfo.self).ipi_addr.s_addr)))
        case .v6:
            guard let data = resetlab_cmsg_find_destination6(&header) else { return nil }
            return IPAddress(bytes: UnsafeRawBufferPointer(start: data, count: 16))
        }
    }
}
