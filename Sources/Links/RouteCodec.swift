import Addressing
import CMnl
import CNlRoute
import Netlink

/// Requests about routes: `RTM_NEWROUTE`, `RTM_DELROUTE`, `RTM_GETROUTE`.
enum RouteCodec {
    static func add(_ route: RouteEntry, _ interface: Int32, replaces: Bool) throws(NetlinkError) -> NetlinkMessage {
        let object = try object(route, interface)
        let flags = NLM_F_CREATE | (replaces ? NLM_F_REPLACE : NLM_F_EXCL)
        return try libnlMessage { rtnl_route_build_add_request(object.pointer, flags, $0) }
    }

    static func remove(_ route: RouteEntry, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        let object = try object(route, interface)
        return try libnlMessage { rtnl_route_build_del_request(object.pointer, 0, $0) }
    }

    private static func object(_ route: RouteEntry, _ interface: Int32) throws(NetlinkError) -> LibnlObject {
        let object = try LibnlObject.route()
        let destination = try LibnlObject.value(route.destination)
        try libnlCheck(rtnl_route_set_family(object.pointer, UInt8(route.destination.family.number)))
        try libnlCheck(rtnl_route_set_dst(object.pointer, destination.pointer))
        try libnlCheck(rtnl_route_set_type(object.pointer, UInt8(RTN_UNICAST)))
        rtnl_route_set_table(object.pointer, UInt32(RT_TABLE_MAIN.rawValue))
        rtnl_route_set_protocol(object.pointer, UInt8(RTPROT_STATIC))
        // IPv6 has no scopes of routes.
        let isLinkScope = route.nextHop == nil && route.destination.family == .v4
        rtnl_route_set_scope(object.pointer, UInt8(isLinkScope ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue))
        if let source = route.preferredSource {
            try libnlCheck(rtnl_route_set_pref_src(object.pointer, try LibnlObject.value(source).pointer))
        }
        guard let hop = rtnl_route_nh_alloc() else { throw NetlinkError(.systemCall("libnl", .outOfMemory)) }
        rtnl_route_nh_set_ifindex(hop, interface)
        // The route owns the hop from here on.
        rtnl_route_add_nexthop(object.pointer, hop)
        if let nextHop = route.nextHop {
            rtnl_route_nh_set_gateway(hop, try LibnlObject.value(nextHop).pointer)
            rtnl_route_set_flags(object.pointer, UInt32(RTNH_F_ONLINK))
        }
        return object
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
