import CMnl

/// Many requests in one buffer, sent in few system calls.
///
/// For requests that are answered by an acknowledgement alone (add, change, delete). The kernel handles the messages of one datagram in
/// order and goes on after one it refuses (`netlink_rcv_skb`).
///
/// Reuse a batch by ``removeAll()``: it keeps its buffer.
public struct NetlinkBatch: Sendable {
    private var encoder: MessageEncoder
    public private(set) var count = 0

    /// - Parameter capacity: the buffer's first size in bytes; it grows as needed.
    public init(capacity: Int = 64 << 10) { encoder = MessageEncoder(capacity: capacity) }

    public var isEmpty: Bool { count == 0 }
    /// The messages one after the other, each padded to 4 bytes.
    public var bytes: ArraySlice<UInt8> { encoder.bytes }

    /// Writes a request straight into the buffer.
    ///
    /// - Throws: `tooLong` for an attribute that does not fit; the batch is then as before.
    @inline(__always)
    public mutating func append(
        _ type: MessageType, flags: MessageFlags = [], _ body: (inout MessageEncoder) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        encoder.begin(type, flags: flags)
        do {
            try body(&encoder)
        } catch {
            encoder.abandon()
            throw error
        }
        count += 1
    }

    public mutating func append(_ message: NetlinkMessage) {
        message.bytes.withUnsafeBytes { encoder.append(copying: $0) }
        count += 1
    }

    public mutating func removeAll() {
        encoder.removeAll()
        count = 0
    }

    // MARK: - Sending

    /// A part of the batch that goes out as one datagram.
    struct Chunk: Hashable {
        let bytes: Range<Int>
        let count: Int
        /// The first request's; the others' follow it.
        let firstSequence: UInt32
    }

    /// Readies the requests from `offset` on for sending: numbers them, and asks for an acknowledgement of the last one only. The kernel answers
    /// a refused request in any case, so silence about the others means that they were carried out.
    ///
    /// - Returns: as many requests as fit the limits, at least one; nil at the end.
    mutating func prepareChunk(at offset: Int, maximumBytes: Int, maximumCount: Int, firstSequence: UInt32) -> Chunk? {
        encoder.withBytes { bytes in
            guard offset < bytes.count else { return nil }
            var end = offset
            var last = offset
            var count = 0
            while end < bytes.count, count < maximumCount {
                var header = bytes.loadUnaligned(fromByteOffset: end, as: nlmsghdr.self)
                let next = end + (Int(header.nlmsg_len) + 3) & ~3
                guard count == 0 || next - offset <= maximumBytes else { break }
                header.nlmsg_seq = firstSequence &+ UInt32(count)
                header.nlmsg_flags = MessageFlags(rawValue: header.nlmsg_flags).union(.request).subtracting(.acknowledge).rawValue
                bytes.storeBytes(of: header, toByteOffset: end, as: nlmsghdr.self)
                last = end
                end = next
                count += 1
            }
            var header = bytes.loadUnaligned(fromByteOffset: last, as: nlmsghdr.self)
            header.nlmsg_flags |= MessageFlags.acknowledge.rawValue
            bytes.storeBytes(of: header, toByteOffset: last, as: nlmsghdr.self)
            return Chunk(bytes: offset..<end, count: count, firstSequence: firstSequence)
        }
    }

    /// The n-th request, for telling what a failure was about; nil beyond the last. Takes time in proportion to `index`.
    public func request(at index: Int) -> IncomingMessage? {
        guard (0..<count).contains(index) else { return nil }
        return try? IncomingMessage.parse(Array(bytes(at: index))).first
    }

    /// The n-th request's bytes, none beyond the last.
    func bytes(at index: Int) -> ArraySlice<UInt8> {
        let range = encoder.storage.withUnsafeBytes { storage in
            var offset = 0
            var rest = index
            while offset < encoder.end {
                let length = Int(storage.loadUnaligned(fromByteOffset: offset, as: nlmsghdr.self).nlmsg_len)
                if rest == 0 { return offset..<(offset + length) }
                offset += (length + 3) & ~3
                rest -= 1
            }
            return offset..<offset
        }
        return encoder.storage[range]
    }
}

/// A request of a batch that the kernel refused.
public struct BatchFailure: Error, Hashable, Sendable {
    /// The request's place in the batch, from 0.
    public let index: Int
    public var error: NetlinkError
}
