import Addressing
import CMnl
import CNlRoute
import Netlink

/// Requests about routes: `RTM_NEWROUTE`, `RTM_DELROUTE`, `RTM_GETROUTE`.
enum RouteCodec {
    static func add(_ route: RouteEntry, _ interface: Int32, replaces: Bool) throws(NetlinkError) -> NetlinkMessage {
        let flags = NLM_F_CREATE | (replaces ? NLM_F_REPLACE : NLM_F_EXCL)
        return try object(route, interface).with { object throws(NetlinkError) in
            try libnlMessage { rtnl_route_build_add_request(object, flags, $0) }
        }
    }

    static func remove(_ route: RouteEntry, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try object(route, interface).with { object throws(NetlinkError) in
            try libnlMessage { rtnl_route_build_del_request(object, 0, $0) }
        }
    }

    private static func object(_ route: RouteEntry, _ interface: Int32) throws(NetlinkError) -> LibnlObject {
        let object = try LibnlObject.route()
        try object.with { object throws(NetlinkError) in try fill(object, route, interface) }
        return object
    }

    private static func fill(_ object: OpaquePointer, _ route: RouteEntry, _ interface: Int32) throws(NetlinkError) {
        try libnlCheck(rtnl_route_set_family(object, UInt8(route.destination.family.number)))
        try LibnlObject.value(route.destination).with { value throws(NetlinkError) in try libnlCheck(rtnl_route_set_dst(object, value)) }
        try libnlCheck(rtnl_route_set_type(object, UInt8(RTN_UNICAST)))
        rtnl_route_set_table(object, UInt32(RT_TABLE_MAIN.rawValue))
        rtnl_route_set_protocol(object, UInt8(RTPROT_STATIC))
        // IPv6 has no scopes of routes.
        let isLinkScope = route.nextHop == nil && route.destination.family == .v4
        rtnl_route_set_scope(object, UInt8(isLinkScope ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue))
        if let source = route.preferredSource {
            try LibnlObject.value(source).with { value throws(NetlinkError) in try libnlCheck(rtnl_route_set_pref_src(object, value)) }
        }
        guard let hop = rtnl_route_nh_alloc() else { throw NetlinkError(.systemCall("libnl", .outOfMemory)) }
        rtnl_route_nh_set_ifindex(hop, interface)
        // The route owns the hop from here on.
        rtnl_route_add_nexthop(object, hop)
        if let nextHop = route.nextHop {
            try LibnlObject.value(nextHop).with { rtnl_route_nh_set_gateway(hop, $0) }
            rtnl_route_set_flags(object, UInt32(RTNH_F_ONLINK))
        }
    }

    static func dump() throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_GETROUTE)) { message throws(NetlinkError) in message.append(header: rtmsg()) }
    }

    /// - Returns: nil for what is no unicast route of the main table: local addresses, the multicast routes of each interface, cached exceptions.
    static func decode(_ message: IncomingMessage, _ names: [Int32: String]) throws(NetlinkError) -> RouteEntry? {
        let header = try message.header(as: rtmsg.self)
        let attributes = try message.attributes(after: rtmsg.self)
        guard let family = IPAddress.Family(number: header.rtm_family), Int(header.rtm_type) == Int(RTN_UNICAST),
            UInt32(header.rtm_table) == UInt32(RT_TABLE_MAIN.rawValue), header.rtm_flags & UInt32(RTM_F_CLONED) == 0
        else { return nil }
        let address: IPAddress
        if let bytes = attributes[AttributeType(RTA_DST)]?.payload {
            guard let destination = IPAddress(bytes: bytes) else { return nil }
            address = destination
        } else {
            address = IPAddress(family: family, value: 0)
        }
        guard let destination = IPPrefix(address, length: Int(header.rtm_dst_len)),
            let index = try attributes.load(AttributeType(RTA_OIF), as: Int32.self), let interface = names[index]
        else { return nil }
        return RouteEntry(
            to: destination, via: attributes[AttributeType(RTA_GATEWAY)].flatMap { IPAddress(bytes: $0.payload) }, on: interface,
            preferredSource: attributes[AttributeType(RTA_PREFSRC)].flatMap { IPAddress(bytes: $0.payload) })
    }
}
