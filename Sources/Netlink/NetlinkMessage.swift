import CMnl

/// A request that owns its bytes. Its sequence number and the flags of a transaction are set when it is sent.
public struct NetlinkMessage: Sendable {
    private let encoder: MessageEncoder

    /// Builds a message.
    ///
    /// - Parameter body: appends the family's fixed header, then puts attributes.
    /// - Throws: `tooLong` for an attribute that does not fit.
    public init(
        _ type: MessageType, flags: MessageFlags = [], _ body: (inout MessageEncoder) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        var encoder = MessageEncoder(capacity: 512)
        encoder.begin(type, flags: flags)
        try body(&encoder)
        self.encoder = encoder
    }

    /// Takes over a finished message, as another library built it.
    ///
    /// - Throws: `malformed` unless the bytes begin with a header whose length they hold.
    public init(copying message: UnsafeRawBufferPointer) throws(NetlinkError) {
        let length = try Self.length(of: message)
        var encoder = MessageEncoder(capacity: length)
        encoder.append(copying: UnsafeRawBufferPointer(rebasing: message[..<length]))
        self.encoder = encoder
    }

    /// The message as it will be sent, but for sequence number and transaction flags; padded to 4 bytes.
    public var bytes: ArraySlice<UInt8> { encoder.bytes }

    public var type: MessageType { MessageType(rawValue: header.nlmsg_type) }
    public var flags: MessageFlags { MessageFlags(rawValue: header.nlmsg_flags) }

    var header: nlmsghdr { bytes.withUnsafeBytes { $0.loadUnaligned(as: nlmsghdr.self) } }

    static func length(of message: UnsafeRawBufferPointer) throws(NetlinkError) -> Int {
        guard message.count >= MessageEncoder.headerLength else {
            throw NetlinkError(.malformed("\(message.count) bytes are no header"))
        }
        let length = Int(message.loadUnaligned(as: nlmsghdr.self).nlmsg_len)
        guard length >= MessageEncoder.headerLength, length <= message.count else {
            throw NetlinkError(.malformed("length field \(length) in \(message.count) bytes"))
        }
        return length
    }
}
