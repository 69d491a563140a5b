import Addressing
import CMnl
import CNlRoute
import Netlink

/// Requests about addresses of interfaces: `RTM_NEWADDR`, `RTM_DELADDR`, `RTM_GETADDR`.
enum AddressCodec {
    static func add(_ address: IPPrefix, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try object(address, interface).with { object throws(NetlinkError) in
            rtnl_addr_set_flags(object, UInt32(IFA_F_NODAD))
            return try libnlMessage { rtnl_addr_build_add_request(object, NLM_F_CREATE | NLM_F_EXCL, $0) }
        }
    }

    static func remove(_ address: IPPrefix, _ interface: Int32) throws(NetlinkError) -> NetlinkMessage {
        try object(address, interface).with { object throws(NetlinkError) in
            try libnlMessage { rtnl_addr_build_delete_request(object, 0, $0) }
        }
    }

    private static func object(_ address: IPPrefix, _ interface: Int32) throws(NetlinkError) -> LibnlObject {
        let object = try LibnlObject.address()
        try object.with { object throws(NetlinkError) in
            rtnl_addr_set_ifindex(object, interface)
            try LibnlObject.value(address).with { local throws(NetlinkError) in try libnlCheck(rtnl_addr_set_local(object, local)) }
        }
        return object
    }

    static func dump() throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(MessageType(RTM_GETADDR)) { message throws(NetlinkError) in message.append(header: ifaddrmsg()) }
    }

    /// - Returns: nil for an address of another family.
    static func decode(_ message: IncomingMessage, _ names: [Int32: String]) throws(NetlinkError) -> AssignedAddress? {
        let header = try message.header(as: ifaddrmsg.self)
        let attributes = try message.attributes(after: ifaddrmsg.self)
        // IFA_ADDRESS is the other end's address on a point-to-point link, the same as IFA_LOCAL elsewhere; IPv6 has only the former.
        guard IPAddress.Family(number: header.ifa_family) != nil,
            let bytes = (attributes[AttributeType(IFA_LOCAL)] ?? attributes[AttributeType(IFA_ADDRESS)])?.payload,
            let address = IPAddress(bytes: bytes), let prefix = IPPrefix(address, length: Int(header.ifa_prefixlen)),
            let interface = names[Int32(header.ifa_index)]
        else { return nil }
        return AssignedAddress(prefix, on: interface)
    }
}
