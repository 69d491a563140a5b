import CSocket
import Glibc
import LinuxKernel

/// Counts the packets of one IP version that should be encrypted and cross a namespace in clear, probes and what applications send: a packet
/// socket whose filter passes nothing else.
///
/// Made in the internet's namespace, where all of them must be inside ESP. The filter runs in the kernel (classic BPF), so that other
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

    /// How many such packets have come by so far.
    public var count: Int {
        var statistics = tpacket_stats()
        var length = socklen_t(MemoryLayout<tpacket_stats>.size)
        // Reading resets the kernel's count; it includes the packets that found no room in the socket's queue.
        if getsockopt(descriptor.rawValue, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0 {
            counted += Int(statistics.tp_packets)
        }
        return counted
    }

    /// The whole packet when it is UDP or TCP from or to one of the measurement's ports, nothing otherwise. Offsets are from the IP header
    /// (SOCK_DGRAM).
    private static func filter(_ version: Version) -> [sock_filter] {
        func load(_ code: Int32, _ k: UInt32) -> sock_filter { sock_filter(code: UInt16(code), jt: 0, jf: 0, k: k) }
        func jump(_ test: Int32, _ k: UInt32, yes: UInt8 = 0, no: UInt8 = 0) -> sock_filter {
            sock_filter(code: UInt16(BPF_JMP | test | BPF_K), jt: yes, jf: no, k: k)
        }
        let (first, last) = (UInt32(MeasurementPorts.all.lowerBound), UInt32(MeasurementPorts.all.upperBound))
        let (protocolOffset, source, destination): (UInt32, sock_filter, sock_filter) =
            switch version {
            case .v4: (9, load(BPF_LD | BPF_H | BPF_IND, 0), load(BPF_LD | BPF_H | BPF_IND, 2))
            case .v6: (6, load(BPF_LD | BPF_H | BPF_ABS, 40), load(BPF_LD | BPF_H | BPF_ABS, 42))
            }
        return [
            load(BPF_LD | BPF_B | BPF_ABS, protocolOffset),
            jump(BPF_JEQ, UInt32(IPPROTO_UDP), yes: 1),
            jump(BPF_JEQ, UInt32(IPPROTO_TCP), no: 8),
            load(BPF_LDX | BPF_B | BPF_MSH, 0),  // the length of IPv4's header; of no use for IPv6
            source,
            jump(BPF_JGE, first, no: 1),
            jump(BPF_JGT, last, no: 3),
            destination,
            jump(BPF_JGE, first, no: 2),
            jump(BPF_JGT, last, yes: 1),
            load(BPF_RET | BPF_K, 0xffff),
            load(BPF_RET | BPF_K, 0),
        ]
    }
}

/// The ports that measurements use, in the range for private use (RFC 6335 §6).
public enum MeasurementPorts {
    /// UDP, both ends.
    public static let probes: UInt16 = 50_500
    /// TCP, of servers.
    public static let messages: UInt16 = 50_501
    public static let requests: UInt16 = 50_502
    public static let all = probes...requests
}
