import Addressing
import CMnl
import CNlRoute
import Glibc
import Netlink

/// Requests about links: `RTM_NEWLINK`, `RTM_SETLINK`, `RTM_DELLINK`, `RTM_GETLINK`.
enum LinkCodec {
    private static let new = NLM_F_CREATE | NLM_F_EXCL

    static func add(_ pair: VethPair) throws(NetlinkError) -> NetlinkMessage {
        try LibnlObject.veth().with { link throws(NetlinkError) in
            try set(pair.end, link)
            // The peer belongs to the link, but its getter takes a reference.
            try LibnlObject(rtnl_link_veth_get_peer(link), release: rtnl_link_put).with { peer throws(NetlinkError) in
                try set(pair.peer, peer)
                rtnl_link_set_ns_fd(peer, pair.peerNamespace.fileDescriptor)
            }
            return try libnlMessage { rtnl_link_build_add_request(link, new, $0) }
        }
    }

    private static func set(_ end: VethPair.End, _ link: OpaquePointer) throws(NetlinkError) {
        rtnl_link_set_name(link, try checked(end.interface))
        try LibnlObject.value(end.mac).with { rtnl_link_set_addr(link, $0) }
        if let mtu = end.mtu { rtnl_link_set_mtu(link, mtu) }
        if let length = end.transmitQueueLength { rtnl_link_set_txqlen(link, length) }
        if let number = end.number { rtnl_link_set_ifindex(link, Int32(clamping: number)) }
        // Without a wish the kernel makes as many of each as there may be processors (`veth_get_num_queues`), each with files of its own in sysfs.
        rtnl_link_set_num_tx_queues(link, 1)
        rtnl_link_set_num_rx_queues(link, 1)
    }

    static func addDummy(_ name: String, mac: MACAddress?, number: UInt32? = nil) throws(NetlinkError) -> NetlinkMessage {
        try LibnlObject.link().with { link throws(NetlinkError) in
            rtnl_link_set_name(link, try checked(name))
            try libnlCheck(rtnl_link_set_type(link, "dummy"))
            if let number { rtnl_link_set_ifindex(link, Int32(clamping: number)) }
            if let mac { try LibnlObject.value(mac).with { rtnl_link_set_addr(link, $0) } }
            return try libnlMessage { rtnl_link_build_add_request(link, new, $0) }
        }
    }

    /// By libmnl: libnl 3.7 knows none of these settings of a bridge.
    static func addBridge(_ name: String, mac: MACAddress?, number: UInt32? = nil) throws(NetlinkError) -> NetlinkMessage {
        let name = try checked(name)
        return try NetlinkMessage(MessageType(RTM_NEWLINK), flags: [.create, .exclusive]) { message throws(NetlinkError) in
            var header = ifinfomsg()
            header.ifi_index = Int32(clamping: number ?? 0)
            message.append(header: header)
            try message.put(AttributeType(IFLA_IFNAME), string: name)
            if let mac { try message.put(AttributeType(IFLA_ADDRESS), bytes: mac.bytes) }
            try message.nest(AttributeType(IFLA_LINKINFO)) { info throws(NetlinkError) in
                try info.put(AttributeType(IFLA_INFO_KIND), string: "bridge")
                try info.nest(AttributeType(IFLA_INFO_DATA)) { data throws(NetlinkError) in
                    try data.put(AttributeType(IFLA_BR_FORWARD_DELAY), UInt32(0))
                    try data.put(AttributeType(IFLA_BR_STP_STATE), UInt32(0))
                    try data.put(AttributeType(IFLA_BR_MCAST_SNOOPING), UInt8(0))
                }
            }
        }
    }

    /// By libmnl: libnl's change request gives no mask of the flags it means, and the kernel would clear all others.
    static func set(_ name: String, _ settings: LinkSettings, _ indices: [String: Int32]) throws(NetlinkError) -> NetlinkMessage {
        let name = try checked(name)
        return try NetlinkMessage(MessageType(RTM_SETLINK)) { message throws(NetlinkError) in
            // Without an index the kernel goes by the name. Only the flags in the mask are changed.
            var header = ifinfomsg()
            if let isUp = settings.isUp {
                header.ifi_flags = isUp ? UInt32(IFF_UP) : 0
                header.ifi_change = UInt32(IFF_UP)
            }
            message.append(header: header)
            try message.put(AttributeType(IFLA_IFNAME), string: name)
            switch settings.port {
            case .of(let bridge): try message.put(AttributeType(IFLA_MASTER), UInt32(bitPattern: indices[bridge] ?? 0))
            case .some(.none): try message.put(AttributeType(IFLA_MASTER), UInt32(0))
            case nil: break
            }
            if let alias = settings.alias { try message.put(AttributeType(IFLA_IFALIAS), bytes: Array(alias.utf8)) }
            if let mac = settings.mac { try message.put(AttributeType(IFLA_ADDRESS), bytes: mac.bytes) }
            if let mtu = settings.mtu { try message.put(AttributeType(IFLA_MTU), mtu) }
            if let length = settings.transmitQueueLength { try message.put(AttributeType(IFLA_TXQLEN), length) }
        }
    }

    static func remove(_ name: String) throws(NetlinkError) -> NetlinkMessage {
        try LibnlObject.link().with { link throws(NetlinkError) in
            rtnl_link_set_name(link, try checked(name))
            return try libnlMessage { rtnl_link_build_delete_request(link, $0) }
        }
    }

    /// - Parameters:
    ///   - name: nil for a dump of all links.
    ///   - statistics: whether the counters are wanted: they are the larger part of the answer.
    static func get(_ name: String?, statistics: Bool) throws(NetlinkError) -> NetlinkMessage {
        let name = try name.map { name throws(NetlinkError) in try checked(name) }
        return try NetlinkMessage(MessageType(RTM_GETLINK)) { message throws(NetlinkError) in
            message.append(header: ifinfomsg())
            if let name { try message.put(AttributeType(IFLA_IFNAME), string: name) }
            if !statistics { try message.put(AttributeType(IFLA_EXT_MASK), UInt32(RTEXT_FILTER_SKIP_STATS)) }
        }
    }

    /// libnl cuts names that are too long, and cut names collide.
    private static func checked(_ name: String) throws(NetlinkError) -> String {
        guard name.utf8.count < Int(IFNAMSIZ) else { throw NetlinkError(.tooLong("the interface's name '\(name)'")) }
        return name
    }
}
