import CMnl
import Netlink

/// Tells of every packet that the kernel drops, in all network namespaces (`net/core/drop_monitor.c`).
///
/// For a kernel that belongs to the lab alone: it would see everybody's packets. Runs until it is stopped, or its sockets are closed with the
/// process; there can be one of them at a time.
public final class DropMonitor {
    private let control: NetlinkSocket
    private let family: GenericFamily
    private let events: NetlinkEventSocket
    private var isRunning = true

    /// How much of a packet is handed over, in bytes: Ethernet, IPv6 and the beginning of what it carries.
    private static let truncation: UInt32 = 96
    /// How many packets may wait for the kernel's worker that tells of them, per processor.
    private static let queueLength: UInt32 = 16_384

    /// Begins to watch. To be called in the first network namespace: the family is not there in others.
    ///
    /// - Parameter receiveBufferSize: room for drops not read yet, in bytes of the kernel's accounting (about 1 KiB a packet).
    /// - Throws: `refused` when the kernel has no drop monitor (ENOENT), when one is running already, without CAP_NET_ADMIN.
    public init(receiveBufferSize: Int) throws(NetlinkError) {
        control = try NetlinkSocket(.generic)
        let family = try GenericFamily(named: "NET_DM", on: control)
        self.family = family
        events = try NetlinkEventSocket(.generic, groups: family.groups.values.sorted(), receiveBufferSize: receiveBufferSize)
        try control.transact(
            family.request(NET_DM_CMD_CONFIG) { message throws(NetlinkError) in
                try message.put(AttributeType(NET_DM_ATTR_ALERT_MODE), UInt8(NET_DM_ALERT_MODE_PACKET.rawValue))
                try message.put(AttributeType(NET_DM_ATTR_TRUNC_LEN), Self.truncation)
                try message.put(AttributeType(NET_DM_ATTR_QUEUE_LEN), Self.queueLength)
            }, "configure", "drop monitor")
        try control.transact(
            family.request(NET_DM_CMD_START) { message throws(NetlinkError) in
                try message.put(flag: AttributeType(NET_DM_ATTR_SW_DROPS))
            }, "start", "drop monitor")
    }

    deinit { stop() }

    /// For an event loop: readable when there are drops to receive. The monitor owns it.
    public var fileDescriptor: Int32 { events.fileDescriptor }

    /// The drops told of since the last call, in order. Never waits.
    ///
    /// - Throws: `overrun` when some were lost for want of room: read more often.
    public func receive() throws(NetlinkError) -> [PacketDrop] {
        var drops: [PacketDrop] = []
        while true {
            let messages = try events.receiveEvents()
            if messages.isEmpty { return drops }
            for message in messages where message.type == family.type {
                if let drop = try PacketDrop(message) { drops.append(drop) }
            }
        }
    }

    /// How many drops the kernel could not queue for telling, since the start (`NET_DM_ATTR_STATS_DROPPED`).
    public func missed() throws(NetlinkError) -> UInt64 {
        let answers = try control.transact(family.request(NET_DM_CMD_STATS_GET), "get", "drop monitor's statistics")
        let statistics = try answers.first?.attributes(after: genlmsghdr.self)[AttributeType(NET_DM_ATTR_STATS)]?.nested()
        return try statistics?.load(AttributeType(NET_DM_ATTR_STATS_DROPPED), as: UInt64.self) ?? 0
    }

    public func stop() {
        guard isRunning else { return }
        isRunning = false
        // What cannot be stopped any more is gone already.
        _ = try? control.transact(family.request(NET_DM_CMD_STOP), "stop", "drop monitor")
    }
}
