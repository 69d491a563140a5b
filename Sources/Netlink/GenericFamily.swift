import CMnl

/// A family of generic netlink: the kernel numbers families and their multicast groups as they are registered.
public struct GenericFamily: Sendable {
    public let name: String
    /// Of its messages.
    public let type: MessageType
    /// Multicast groups by name.
    public let groups: [String: UInt32]

    /// Asks the kernel for a family (`ctrl_getfamily`).
    ///
    /// - Throws: `refused` with ENOENT when the kernel has no such family, or not for the socket's network namespace.
    public init(named name: String, on socket: NetlinkSocket) throws(NetlinkError) {
        let request = try NetlinkMessage(MessageType(GENL_ID_CTRL)) { message throws(NetlinkError) in
            message.append(header: genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
            try message.put(AttributeType(CTRL_ATTR_FAMILY_NAME), string: name)
        }
        let answers = try socket.transact(request, "find", "generic netlink family \(name)")
        guard let attributes = try answers.first?.attributes(after: genlmsghdr.self),
            let number = try attributes.load(AttributeType(CTRL_ATTR_FAMILY_ID), as: UInt16.self)
        else { throw NetlinkError(.malformed("no number of the family \(name)")) }
        self.name = name
        type = MessageType(rawValue: number)
        var groups: [String: UInt32] = [:]
        if let list = try attributes[AttributeType(CTRL_ATTR_MCAST_GROUPS)]?.nested() {
            for entry in list {
                let group = try entry.nested()
                guard let name = group[AttributeType(CTRL_ATTR_MCAST_GRP_NAME)]?.string,
                    let number = try group.load(AttributeType(CTRL_ATTR_MCAST_GRP_ID), as: UInt32.self)
                else { continue }
                groups[name] = number
            }
        }
        self.groups = groups
    }

    /// A request of this family, without flags.
    ///
    /// - Throws: `tooLong` for an attribute that does not fit.
    public func request(
        _ command: some BinaryInteger, _ body: (inout MessageEncoder) throws(NetlinkError) -> Void = { _ in }
    ) throws(NetlinkError) -> NetlinkMessage {
        try NetlinkMessage(type) { message throws(NetlinkError) in
            message.append(header: genlmsghdr(cmd: UInt8(truncatingIfNeeded: command), version: 1, reserved: 0))
            try body(&message)
        }
    }
}
