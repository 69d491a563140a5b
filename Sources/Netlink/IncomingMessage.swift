import CMnl

/// A message from the kernel: a reply's part, or an event.
public struct IncomingMessage: Hashable, Sendable {
    public let type: MessageType
    public let flags: MessageFlags
    /// The number of the request that this answers; the kernel's own choice in events.
    public let sequence: UInt32
    /// The socket that this answers, 0 in the kernel's own events.
    let portID: UInt32
    /// All that follows the netlink header. Shares the datagram's memory with the messages beside it.
    public let payload: ArraySlice<UInt8>

    /// The family's fixed header at the payload's start.
    ///
    /// - Throws: `malformed` when the payload is shorter.
    public func header<Header: BitwiseCopyable>(as type: Header.Type) throws(NetlinkError) -> Header {
        guard payload.count >= MemoryLayout<Header>.size else {
            throw NetlinkError(.malformed("\(payload.count) bytes are too few for \(Header.self)"))
        }
        return payload.withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
    }

    /// The attributes after the family's fixed header.
    ///
    /// - Throws: `malformed` when the payload is shorter than the header, or an attribute does not fit.
    public func attributes<Header: BitwiseCopyable>(after type: Header.Type) throws(NetlinkError) -> NetlinkAttributes {
        try attributes(afterBytes: MemoryLayout<Header>.size)
    }

    func attributes(afterBytes count: Int) throws(NetlinkError) -> NetlinkAttributes {
        let aligned = (count + 3) & ~3
        guard payload.count >= count else {
            throw NetlinkError(.malformed("\(payload.count) bytes are too few for a header of \(count)"))
        }
        return try NetlinkAttributes(parsing: payload.dropFirst(aligned))
    }

    /// Splits a datagram.
    ///
    /// - Throws: `malformed` when a length field is shorter than a header or longer than what is left.
    static func parse(_ datagram: [UInt8]) throws(NetlinkError) -> [IncomingMessage] {
        var messages: [IncomingMessage] = []
        var offset = 0
        while offset < datagram.count {
            guard datagram.count - offset >= MessageEncoder.headerLength else {
                throw NetlinkError(.malformed("\(datagram.count - offset) bytes are no header"))
            }
            let header = datagram.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: nlmsghdr.self) }
            let length = Int(header.nlmsg_len)
            guard length >= MessageEncoder.headerLength, length <= datagram.count - offset else {
                throw NetlinkError(.malformed("length field \(length) with \(datagram.count - offset) bytes left"))
            }
            messages.append(
                IncomingMessage(
                    type: MessageType(rawValue: header.nlmsg_type), flags: MessageFlags(rawValue: header.nlmsg_flags),
                    sequence: header.nlmsg_seq, portID: header.nlmsg_pid,
                    payload: datagram[(offset + MessageEncoder.headerLength)..<(offset + length)]))
            offset += (length + 3) & ~3
        }
        return messages
    }
}
