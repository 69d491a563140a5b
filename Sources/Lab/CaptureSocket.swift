import AgentProtocol
import CLinux
import CSocket
import Glibc
import LinuxKernel

/// A packet socket that sees every frame of a namespace, or of one of its interfaces, in both directions (packet(7)).
///
/// To be made on the namespace thread, used from anywhere.
final class CaptureSocket {
    /// Every interface that there was when it was made, or the one that it is bound to.
    let interfaces: [CapturedPackets.Interface]
    /// How many the kernel had no room for, so far.
    private(set) var dropped: UInt64 = 0
    private let descriptor: FileDescriptor
    private let loopback: Int32
    private var frame: [UInt8]
    private var control: [UInt8]

    /// In bytes: a second of a busy link, while the agent does something else.
    private static let queueSize: Int32 = 8 << 20

    /// - Throws: `AgentMessage.Failure` for an interface that is not there, `SystemCallError` with EPERM without CAP_NET_RAW.
    init(interface: String?, snapLength: Int) throws {
        let object = "capture"
        // Without a protocol nothing is received: not before it is bound to its interface.
        let raw = socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", object, .last) }
        descriptor = FileDescriptor(owning: raw)

        let all = Self.interfaces(by: raw)
        if let interface {
            guard let found = all.first(where: { $0.name == interface }) else {
                let names = all.map(\.name).joined(separator: ", ")
                throw AgentMessage.Failure(
                    kind: .badRequest, message: "there is no interface \(interface) in this node; there are \(names)")
            }
            interfaces = [found]
        } else {
            interfaces = all
        }
        loopback = all.first { $0.hardwareType == ARPHRD_LOOPBACK }?.index ?? 0
        frame = [UInt8](repeating: 0, count: min(max(snapLength, 1), CaptureRequest.largestSnapLength))
        control = [UInt8](repeating: 0, count: linux_cmsg_space(MemoryLayout<timespec>.size))

        var on: Int32 = 1
        guard setsockopt(raw, SOL_SOCKET, SO_TIMESTAMPNS, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemCallError("setsockopt SO_TIMESTAMPNS", object, .last)
        }
        var size = Self.queueSize
        // Beyond the system's limit with CAP_NET_ADMIN; without, the limit will do.
        if setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size)) != 0 {
            setsockopt(raw, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_ll()
        address.sll_family = sa_family_t(AF_PACKET)
        address.sll_protocol = UInt16(ETH_P_ALL).bigEndian
        address.sll_ifindex = interface == nil ? 0 : interfaces[0].index
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, socklen_t(MemoryLayout<sockaddr_ll>.size)) }
        }
        guard bound == 0 else { throw SystemCallError("bind", object, .last) }
    }

    var fileDescriptor: Int32 { descriptor.rawValue }

    /// The next packet; nil for none.
    ///
    /// Time is the kernel's, of sending or arrival. Only in the first moments, until the kernel has begun to take times, it is that of reading.
    func next() -> CapturedPackets.Packet? {
        while true {
            var address = sockaddr_ll()
            var length = -1
            var at: Int64 = 0
            frame.withUnsafeMutableBytes { frame in
                control.withUnsafeMutableBytes { control in
                    withUnsafeMutablePointer(to: &address) { address in
                        var vector = iovec(iov_base: frame.baseAddress, iov_len: frame.count)
                        withUnsafeMutablePointer(to: &vector) { vector in
                            var header = msghdr()
                            header.msg_name = UnsafeMutableRawPointer(address)
                            header.msg_namelen = socklen_t(MemoryLayout<sockaddr_ll>.size)
                            header.msg_iov = vector
                            header.msg_iovlen = 1
                            header.msg_control = control.baseAddress
                            header.msg_controllen = control.count
                            // MSG_TRUNC: the length on the wire, whatever the snap length.
                            length = recvmsg(descriptor.rawValue, &header, Int32(MSG_TRUNC))
                            if length >= 0 { at = Self.timestamp(&header) }
                        }
                    }
                }
            }
            if length < 0 {
                switch Errno.last {
                case .interrupted: continue
                // A link of the lab went down: told once, and what comes by when it is up again is captured.
                case .networkDown: continue
                default: return nil
                }
            }
            let isOutgoing = Int32(address.sll_pkttype) == PACKET_OUTGOING
            // The loopback's packets come twice, sent and received.
            if isOutgoing, address.sll_ifindex == loopback { continue }
            return CapturedPackets.Packet(
                interface: address.sll_ifindex, at: at == 0 ? SystemClock.realtime.nanoseconds : at, length: length,
                isOutgoing: isOutgoing, bytes: Base64Bytes(Array(frame.prefix(length))))
        }
    }

    /// Lets nothing more into the queue; what is in it stays.
    func receiveNoMore() {
        // A filter that takes no bytes of any packet (BPF, socket(7)).
        var instruction = sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)
        withUnsafeMutablePointer(to: &instruction) {
            var program = sock_fprog(len: 1, filter: $0)
            _ = setsockopt(descriptor.rawValue, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    /// Adds to `dropped` what was dropped since it was last asked.
    func countDropped() {
        var statistics = tpacket_stats()
        var length = socklen_t(MemoryLayout<tpacket_stats>.size)
        // Reading sets the kernel's count back.
        if getsockopt(descriptor.rawValue, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0 {
            dropped += UInt64(statistics.tp_drops)
        }
    }

    /// An interface that has come since; its number when it has gone again.
    func interface(at index: Int32) -> CapturedPackets.Interface {
        var name = [CChar](repeating: 0, count: Int(IFNAMSIZ))
        guard linux_interface_name(descriptor.rawValue, index, &name) == 0 else {
            return .init(index: index, name: "\(index)", hardwareType: UInt16(ARPHRD_ETHER))
        }
        let hardware = linux_interface_hardware(descriptor.rawValue, name)
        return .init(
            index: index, name: name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) },
            hardwareType: hardware < 0 ? UInt16(ARPHRD_ETHER) : UInt16(hardware))
    }

    private static func interfaces(by socket: Int32) -> [CapturedPackets.Interface] {
        guard let list = if_nameindex() else { return [] }
        defer { if_freenameindex(list) }
        var result: [CapturedPackets.Interface] = []
        var entry = list
        while entry.pointee.if_index != 0, let name = entry.pointee.if_name {
            let hardware = linux_interface_hardware(socket, name)
            // One that has gone meanwhile is none.
            if hardware >= 0 {
                result.append(.init(index: Int32(entry.pointee.if_index), name: String(cString: name), hardwareType: UInt16(hardware)))
            }
            entry += 1
        }
        return result
    }

    private static func timestamp(_ header: inout msghdr) -> Int64 {
        guard let control = linux_cmsg_first(&header), control.pointee.cmsg_level == SOL_SOCKET,
            control.pointee.cmsg_type == SO_TIMESTAMPNS, let data = linux_cmsg_data(control)
        else { return 0 }
        let time = UnsafeRawPointer(data).loadUnaligned(as: timespec.self)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
