import Addressing
import CMnl
import CNlRoute
import Netlink

/// Requests about neighbours: `RTM_NEWNEIGH`, `RTM_DELNEIGH`, `RTM_GETNEIGH`.
enum NeighbourCodec {
    static func set(_ neighbour: NeighbourEntry, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try object(neighbour.address, interface).with { object throws(NetlinkError) in
            rtnl_neigh_set_state(object, Int32(neighbour.state.kernelValue))
            if let mac = neighbour.mac { try LibnlObject.value(mac).with { rtnl_neigh_set_lladdr(object, $0) } }
            return try libnlMessage { rtnl_neigh_build_add_request(object, NLM_F_CREATE | NLM_F_REPLACE, $0) }
        }
    }

    static func remove(_ address: IPAddress, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try object(address, interface).with { object throws(NetlinkError) in
            try libnlMessage { rtnl_neigh_build_delete_request(object, 0, $0) }
        }
    }

    private static func object(_ address: IPAddress, _ interface: Int32) throws(NetlinkError) -> LibnlObject {
        let object = try LibnlObject.neighbour()
        try object.with { object throws(NetlinkError) in
            rtnl_neigh_set_ifindex(object, interface)
            try LibnlObject.value(address).with { value throws(NetlinkError) in try libnlCheck(rtnl_neigh_set_dst(object, value)) }
        }
        return object
    }

    static func dump() throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_GETNEIGH)) { message throws(NetlinkError) in message.append(header: ndmsg()) }
    }

    /// One entry. By libmnl: libnl's neighbours can be asked for only by its cache.
    static func get(_ address: IPAddress, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_GETNEIGH)) { message throws(NetlinkError) in
            var header = ndmsg()
            header.ndm_family = UInt8(address.family.number)
            header.ndm_ifindex = interface
            message.append(header: header)
            try message.put(AttributeType(NDA_DST), bytes: address.bytes)
        }
    }

    /// - Returns: nil for an entry of another family.
    static func decode(_ message: IncomingMessage, _ names: [Int32: String]) throws(NetlinkError) -> NeighbourEntry? {
        let header = try message.header(as: ndmsg.self)
        let attributes = try message.attributes(after: ndmsg.self)
        guard IPAddress.Family(number: header.ndm_family) != nil, let bytes = attributes[AttributeType(NDA_DST)]?.payload,
            let address = IPAddress(bytes: bytes), let interface = names[header.ndm_ifindex]
        else { return nil }
        return NeighbourEntry(
            address, on: interface, mac: attributes[AttributeType(NDA_LLADDR)].flatMap { MACAddress(bytes: $0.payload) },
            state: NeighbourEntry.State(kernelValue: header.ndm_state))
    }

    /// - Returns: nil for messages of other kinds and entries of other families.
    static func decodeEvent(_ message: IncomingMessage) throws(NetlinkError) -> NeighbourEvent? {
        let isRemoved = message.type == MessageType(RTM_DELNEIGH)
        guard isRemoved || message.type == MessageType(RTM_NEWNEIGH) else { return nil }
        let index = try message.header(as: ndmsg.self).ndm_ifindex
        guard let entry = try decode(message, [index: ""]) else { return nil }
        return NeighbourEvent(address: entry.address, mac: isRemoved ? nil : entry.mac)
    }
}

extension MACAddress {
    /// nil for link-layer addresses of another length.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        self.init(value: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
