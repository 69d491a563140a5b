import Glibc
import Synchronization

/// Listens to what the kernel tells unasked: changes of links, of IPsec states, of policies.
///
/// A socket belongs to the network namespace of the thread that makes it, and is used from any thread after.
public final class NetlinkEventSocket: Sendable {
    private let endpoint: Mutex<NetlinkEndpoint>
    /// For an event loop: readable when there are events. The socket owns it.
    public let fileDescriptor: Int32

    /// Opens a socket in the calling thread's network namespace.
    ///
    /// - Parameters:
    ///   - groups: the multicast groups to listen to (`RTNLGRP_LINK`, `XFRMNLGRP_SA`).
    ///   - receiveBufferSize: room for events not read yet, in bytes; when it is full, events are lost and the next read says so.
    public init(_ netlinkProtocol: NetlinkProtocol, groups: [UInt32], receiveBufferSize: Int = 4 << 20) throws(NetlinkError) {
        let endpoint = try NetlinkEndpoint(netlinkProtocol, groups: groups, receiveBufferSize: receiveBufferSize)
        fileDescriptor = endpoint.descriptor.rawValue
        self.endpoint = Mutex(endpoint)
    }

    /// The events of the next datagram; empty when there are none yet. Never waits.
    ///
    /// - Throws: `overrun` when events were lost. The socket works on; whoever keeps state from events reads it anew.
    public func receiveEvents() throws(NetlinkError) -> [IncomingMessage] {
        do {
            return try endpoint.withLock { endpoint throws(NetlinkError) in try endpoint.receive() ?? [] }
        } catch {
            throw error.during("receive", "events")
        }
    }
}
