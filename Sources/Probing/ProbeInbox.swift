import CSocket
import Glibc
import LinuxKernel

/// The sockets that probes arrive at. The kernel stamps each arrival, so that nobody need wake up for it: what has come is taken when there is time,
/// several probes a system call.
final class ProbeInbox {
    private let epoll: FileDescriptor
    private let sockets: [ProbeSocket]
    private let batch = ProbeBatch()
    private var ready: [epoll_event]

    /// - Parameter sockets: each once.
    /// - Throws: `SystemCallError` when the kernel gives no epoll instance.
    init(_ sockets: [ProbeSocket]) throws {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemCallError("epoll_create1", "the probes' sockets", .last) }
        epoll = FileDescriptor(owning: descriptor)
        self.sockets = sockets
        ready = [epoll_event](repeating: epoll_event(), count: Self.socketsAtOnce)
        for (index, socket) in sockets.enumerated() {
            var event = epoll_event()
            // Told of once for what is new (EPOLLET): a socket is read until it is empty, and not looked at again to find that it is.
            event.events = EPOLLIN.rawValue | EPOLLET.rawValue
            event.data.u64 = UInt64(index)
            guard epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, socket.fileDescriptor, &event) == 0 else {
                throw SystemCallError("epoll_ctl", "a probe socket", .last)
            }
        }
    }

    /// Few enough that no send waits long for them.
    static let socketsAtOnce = 16

    /// Takes what has arrived at a few sockets: each probe with its arrival's time in nanoseconds of CLOCK_REALTIME.
    ///
    /// - Returns: whether there may be more at others.
    func takeSome(_ body: (ProbePacket, Int64) -> Void) -> Bool {
        let count = Int(epoll_wait(epoll.rawValue, &ready, Int32(ready.count), 0))
        guard count > 0 else { return false }
        for index in 0..<count { sockets[Int(ready[index].data.u64)].receive(batch, body) }
        return count == ready.count
    }
}
