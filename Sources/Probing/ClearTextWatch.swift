import CSocket
import Glibc
import LinuxKernel

/// Counts the probes of one IP version that cross a namespace unencrypted: a packet socket whose filter passes nothing but clear probes.
///
/// Made in the internet's namespace, where every probe must be inside ESP. The filter runs in the kernel (classic BPF), so that other
/// packets cost a few instructions only; packets are counted as they come in, once each.
public final class ClearTextWatch {
    public enum Version: Sendable {
        case v4
        case v6
    }

    private let descriptor: FileDescriptor
    private var counted = 0

    /// - Throws: `SystemCallError`, EPERM without CAP_NET_RAW.
    public init(_ version: Version) throws {
        let object = "watch for clear probes"
        // Opened without a protocol: a packet socket receives from the moment it has one, and the filter must be there first.
        let raw = socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw SystemCallError("socket", object, .last) }
        descriptor = FileDescriptor(owning: raw)

        var instructions = Self.filter(version)
        let attached = instructions.withUnsafeMutableBufferPointer { buffer in
            var program = sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            return setsockopt(raw, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
        guard attached == 0 else { throw SystemCallError("setsockopt", object, .last) }

        var address = sockaddr_ll()
        address.sll_family = sa_family_t(AF_PACKET)
        address.sll_protocol = UInt16(version == .v4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(raw, $0, socklen_t(MemoryLayout<sockaddr_ll>.size)) }
        }
        guard bound == 0 else { throw SystemCallError("bind", object, .last) }
    }

    /// How many clear probes have come by so far.
    public var count: Int {
        var statistics = tpacket_stats()
        var length = socklen_t(MemoryLayout<tpacket_stats>.size)
        // Reading resets the kernel's count; it includes the packets that found no room in the socket's queue.
        if getsockopt(descriptor.rawValue, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0 {
            counted += Int(statistics.tp_packets)
        }
        return counted
    }

    /// Whole packet when it is unfragmented UDP to the probes' port, nothing otherwise. Offsets are from the IP header (SOCK_DGRAM).
    private static func filter(_ version: Version) -> [sock_filter] {
        func statement(_ code: Int32, _ k: UInt32) -> sock_filter { sock_filter(code: UInt16(code), jt: 0, jf: 0, k: k) }
        func unless(_ k: UInt32, skip: UInt8) -> sock_filter { sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: skip, k: k) }
        let port = UInt32(ProbeSocket.port)
        let udp = UInt32(IPPROTO_UDP)
        switch version {
        case .v4:
            return [
                statement(BPF_LD | BPF_B | BPF_ABS, 9),  // protocol
                unless(udp, skip: 4),
                statement(BPF_LDX | BPF_B | BPF_MSH, 0),  // header length
                statement(BPF_LD | BPF_H | BPF_IND, 2),  // destination port
                unless(port, skip: 1),
                statement(BPF_RET | BPF_K, 0xffff),
                statement(BPF_RET | BPF_K, 0),
            ]
        case .v6:
            return [
                statement(BPF_LD | BPF_B | BPF_ABS, 6),  // next header
                unless(udp, skip: 3),
                statement(BPF_LD | BPF_H | BPF_ABS, 42),  // destination port
                unless(port, skip: 1),
                statement(BPF_RET | BPF_K, 0xffff),
                statement(BPF_RET | BPF_K, 0),
            ]
        }
    }
}
