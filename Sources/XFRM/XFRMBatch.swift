import CMnl
import Netlink

/// Many changes in one buffer: SAs and policies of a whole gateway in a few system calls.
public struct XFRMBatch: Sendable {
    var messages: NetlinkBatch

    /// - Parameter capacity: the buffer's first size in bytes; it grows as needed. An SA takes about 400.
    public init(capacity: Int = 64 << 10) { messages = NetlinkBatch(capacity: capacity) }

    public var count: Int { messages.count }

    /// The requests, keys included, as they were last sent: numbered, the last one of each datagram asking for the acknowledgement. For
    /// measuring what sending them costs beyond the kernel's own work.
    package var bytes: ArraySlice<UInt8> { messages.bytes }

    /// - Throws: `tooLong` for a key or a bitmap that fits no attribute; the batch is then as before.
    public mutating func append(_ change: XFRMChange) throws(NetlinkError) {
        do {
            try messages.append(change.messageType, flags: change.messageFlags) { encoder throws(NetlinkError) in
                try change.encode(into: &encoder)
            }
        } catch {
            throw NetlinkError(error.reason, operation: change.operation, object: change.object)
        }
    }

    /// As `append(.add(association))`, without copying the SA into a change, which takes as long as all the rest of it.
    ///
    /// - Throws: as ``append(_:)``.
    public mutating func add(_ association: borrowing SecurityAssociation) throws(NetlinkError) {
        do {
            try messages.append(MessageType(XFRM_MSG_NEWSA), flags: XFRMChange.flagsOfAdditions) { encoder throws(NetlinkError) in
                try association.encode(into: &encoder)
            }
        } catch {
            throw NetlinkError(error.reason, operation: "add", object: "\(copy association)")
        }
    }

    /// As `append(.addPolicy(policy))`, likewise.
    public mutating func add(_ policy: borrowing SecurityPolicy) throws(NetlinkError) {
        do {
            try messages.append(MessageType(XFRM_MSG_NEWPOLICY), flags: XFRMChange.flagsOfAdditions) { encoder throws(NetlinkError) in
                try policy.encode(into: &encoder)
            }
        } catch {
            throw NetlinkError(error.reason, operation: "add", object: "\(copy policy)")
        }
    }

    /// Forgets the changes and overwrites them, since there are keys in them; keeps the buffer.
    public mutating func removeAll() { messages.removeAll() }
}
