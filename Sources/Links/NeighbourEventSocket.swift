import Addressing
import CMnl
import Netlink

/// What a namespace has learned about a neighbour, as its kernel tells it unasked (`__neigh_notify`).
public struct NeighbourEvent: Hashable, Sendable {
    public var address: IPAddress
    /// nil where it is not known, or not known any more.
    public var mac: MACAddress?

    public init(address: IPAddress, mac: MACAddress?) {
        self.address = address
        self.mac = mac
    }
}

/// Listens to changes of a namespace's neighbours (`RTNLGRP_NEIGH`).
public final class NeighbourEventSocket: Sendable {
    private let socket: NetlinkEventSocket

    /// Opens a socket in the calling thread's network namespace.
    public init() throws(NetlinkError) { socket = try NetlinkEventSocket(.route, groups: [RTNLGRP_NEIGH.rawValue]) }

    /// For an event loop: readable when there are events. The socket owns it.
    public var fileDescriptor: Int32 { socket.fileDescriptor }

    /// The events there are by now, in order; empty when there are none. Never waits.
    ///
    /// - Throws: `overrun` when events were lost.
    public func receiveEvents() throws(NetlinkError) -> [NeighbourEvent] {
        var events: [NeighbourEvent] = []
        while true {
            let messages = try socket.receiveEvents()
            if messages.isEmpty { return events }
            for message in messages {
                if let event = try NeighbourCodec.decodeEvent(message) { events.append(event) }
            }
        }
    }
}
