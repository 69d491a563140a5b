import CMnl
import Glibc
import Netlink

/// Manages the IPsec state of one network namespace: that of the thread which makes the socket. Used from any thread after.
public final class XFRMSocket: Sendable {
    private let socket: NetlinkSocket

    /// - Throws: `isNotSupported` when the kernel has no IPsec.
    public init() throws(NetlinkError) { socket = try NetlinkSocket(.xfrm) }

    // MARK: - Changes

    /// Carries out one change.
    ///
    /// - Throws: `isAlreadyExists`, `isNotFound`, `isNotPermitted`; EINVAL with the kernel's explanation; for a new SA ENOSYS when the kernel
    ///   does not know an algorithm and EPROTONOSUPPORT when it has no ESP.
    public func apply(_ change: XFRMChange) throws(NetlinkError) {
        do {
            let message = try NetlinkMessage(change.messageType, flags: change.messageFlags) { encoder throws(NetlinkError) in
                try change.encode(into: &encoder)
            }
            try socket.transact(message)
        } catch {
            throw NetlinkError(error.reason, operation: change.operation, object: change.object)
        }
    }

    /// Carries out many changes, in order. One that is refused does not stop those after it.
    ///
    /// - Returns: the refused ones by their place in the batch; empty when all were carried out.
    /// - Throws: when it is not known any more which were carried out.
    public func apply(_ batch: inout XFRMBatch) throws(NetlinkError) -> [BatchFailure] {
        var failures = try socket.transact(&batch.messages, "change IPsec state:")
        for position in failures.indices {
            guard let request = batch.messages.request(at: failures[position].index) else { continue }
            guard let words = try XFRMChange.describe(request) else { continue }
            failures[position].error.operation = words.operation
            failures[position].error.object = words.object
        }
        return failures
    }

    public func add(_ association: SecurityAssociation) throws(NetlinkError) { try apply(.add(association)) }
    /// Gives an SA that there is new lifetimes; keys and counters stay as they are (`xfrm_state_update`). For new keys, delete and add.
    public func update(_ association: SecurityAssociation) throws(NetlinkError) { try apply(.update(association)) }
    public func delete(_ id: SecurityAssociation.ID) throws(NetlinkError) { try apply(.delete(id)) }
    /// Removes all ESP SAs of the namespace. That there are none is no error.
    public func flushAssociations() throws(NetlinkError) { try apply(.flushAssociations) }
    /// Sets how far an SA has counted. The window must have the size that the SA was made with.
    public func setReplayState(of id: SecurityAssociation.ID, to state: ReplayState) throws(NetlinkError) {
        try apply(.setReplayState(id, state))
    }

    public func add(_ policy: SecurityPolicy) throws(NetlinkError) { try apply(.addPolicy(policy)) }
    /// Replaces the policy of the same selector and direction, or adds it.
    public func update(_ policy: SecurityPolicy) throws(NetlinkError) { try apply(.updatePolicy(policy)) }
    public func delete(_ id: SecurityPolicy.ID) throws(NetlinkError) { try apply(.deletePolicy(id)) }
    /// Removes all policies of the namespace. That there are none is no error.
    public func flushPolicies() throws(NetlinkError) { try apply(.flushPolicies) }

    // MARK: - Reading

    /// One SA with its counters (`ip -s xfrm state get`, `xfrm_get_sa`).
    ///
    /// - Throws: `isNotFound` (ESRCH).
    public func association(_ id: SecurityAssociation.ID) throws(NetlinkError) -> InstalledAssociation {
        let reply = try request(MessageType(XFRM_MSG_GETSA), "\(id)") { encoder in encoder.append(header: xfrm_usersa_id(id)) }
        guard let association = try reply.decodeInstalledAssociation() else {
            throw NetlinkError(.malformed("an SA without algorithms, only reserved yet"), operation: "read", object: "\(id)")
        }
        return association
    }

    /// All ESP SAs of the namespace with their counters (`ip -s xfrm state list proto esp`, `xfrm_dump_sa`).
    public func associations() throws(NetlinkError) -> [InstalledAssociation] {
        let message = try NetlinkMessage(MessageType(XFRM_MSG_GETSA)) { encoder throws(NetlinkError) in
            try encoder.put(AttributeType(XFRMA_PROTO), UInt8(IPPROTO_ESP))
        }
        return try decodeAll(socket.dump(message, "list", "SAs")) { message throws(NetlinkError) in
            try message.decodeInstalledAssociation()
        }
    }

    /// How far an SA has counted (`xfrm_get_ae`; no twin in `ip`).
    ///
    /// - Throws: `isNotFound` (ESRCH).
    public func replayState(of id: SecurityAssociation.ID) throws(NetlinkError) -> ReplayState {
        let reply = try request(MessageType(XFRM_MSG_GETAE), "the replay state of \(id)") { encoder in
            var header = xfrm_aevent_id()
            header.sa_id = xfrm_usersa_id(id)
            encoder.append(header: header)
        }
        guard let state = try ReplayState(in: reply.attributes(after: xfrm_aevent_id.self)) else {
            throw NetlinkError(.malformed("no replay state in the reply"), operation: "read", object: "the replay state of \(id)")
        }
        return state
    }

    /// One policy (`ip xfrm policy get`, `xfrm_get_policy`).
    ///
    /// - Throws: `isNotFound` (ENOENT).
    public func policy(_ id: SecurityPolicy.ID) throws(NetlinkError) -> SecurityPolicy {
        let reply = try request(MessageType(XFRM_MSG_GETPOLICY), "\(id)") { encoder in encoder.append(header: xfrm_userpolicy_id(id)) }
        return try reply.decodePolicy()
    }

    /// All policies of the namespace (`ip xfrm policy list`, `xfrm_dump_policy`), without those that sockets have for themselves.
    public func policies() throws(NetlinkError) -> [SecurityPolicy] {
        let message = try NetlinkMessage(MessageType(XFRM_MSG_GETPOLICY)) { _ in }
        return try decodeAll(socket.dump(message, "list", "policies")) { message throws(NetlinkError) in
            let header = try message.header(as: xfrm_userpolicy_info.self)
            return header.dir < XFRM_POLICY_MAX ? try message.decodePolicy() : nil
        }
    }

    private func request(
        _ type: MessageType, _ object: @autoclosure () -> String, _ encode: (inout MessageEncoder) -> Void
    ) throws(NetlinkError) -> IncomingMessage {
        let message = try NetlinkMessage(type) { encoder in encode(&encoder) }
        guard let reply = try socket.transact(message, "read", object()).first else {
            throw NetlinkError(.malformed("an acknowledgement without a reply"), operation: "read", object: object())
        }
        return reply
    }

    private func decodeAll<Value>(
        _ messages: [IncomingMessage], _ decode: (IncomingMessage) throws(NetlinkError) -> Value?
    ) throws(NetlinkError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(messages.count)
        for message in messages {
            if let value = try decode(message) { values.append(value) }
        }
        return values
    }
}

/// Tells what happens to the IPsec state of one network namespace: that of the thread which makes the socket. Twin of `ip xfrm monitor`.
public final class XFRMEventSocket: Sendable {
    private let socket: NetlinkEventSocket

    /// - Throws: `isNotSupported` when the kernel has no IPsec, `isNotPermitted` without CAP_NET_ADMIN.
    public init(_ groups: [XFRMEvent.Group] = XFRMEvent.Group.allCases) throws(NetlinkError) {
        socket = try NetlinkEventSocket(.xfrm, groups: groups.map(\.number))
    }

    /// For an event loop: readable when there are events. The socket owns it.
    public var fileDescriptor: Int32 { socket.fileDescriptor }

    /// The events there are by now, some at a time; empty when there are none. Never waits. Events of other kinds are skipped.
    ///
    /// - Throws: `overrun` when events were lost: read the lists anew.
    public func receiveEvents() throws(NetlinkError) -> [XFRMEvent] {
        while true {
            let messages = try socket.receiveEvents()
            if messages.isEmpty { return [] }
            var events: [XFRMEvent] = []
            for message in messages {
                if let event = try XFRMEvent(message) { events.append(event) }
            }
            if !events.isEmpty { return events }
        }
    }
}
