import Addressing
import CLinux
import Glibc
import LinuxKernel

/// Sends announcements of addresses from one namespace. It receives nothing.
public final class AnnouncementSocket: Sendable {
    private let descriptor: FileDescriptor
    private let label: String

    /// - Throws: `SystemCallError`; EPERM without `CAP_NET_RAW`.
    public init(in namespace: NetworkNamespace, on thread: NamespaceThread) throws {
        label = namespace.label
        // Protocol 0: no packet is ever queued here.
        descriptor = try thread.run(in: namespace) {
            let raw = socket(AF_PACKET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard raw >= 0 else { throw SystemCallError("open packet socket", "in \(namespace.label)", .last) }
            return FileDescriptor(owning: raw)
        }
    }

    /// Sends one announcement by an interface, through its queueing discipline like any packet.
    ///
    /// - Throws: `SystemCallError` with ENODEV when there is no such interface, ENETDOWN when it is down.
    public func send(_ announcement: AddressAnnouncement, on interface: String) throws {
        func failure(_ errno: Errno) -> SystemCallError {
            SystemCallError("announce \(announcement.address)", "on \(interface) in \(label)", errno)
        }
        let index = linux_interface_index(descriptor.rawValue, interface)
        guard index >= 0 else { throw failure(.last) }
        var destination = sockaddr_ll()
        destination.sll_family = UInt16(AF_PACKET)
        destination.sll_ifindex = index
        let frame = announcement.frame
        let sent = withUnsafeBytes(of: &destination) { address in
            sendto(
                descriptor.rawValue, frame, frame.count, 0, address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(address.count))
        }
        guard sent == frame.count else { throw failure(.last) }
    }
}
