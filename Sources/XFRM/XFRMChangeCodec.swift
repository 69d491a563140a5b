import CMnl
import Glibc
import Netlink

extension XFRMChange {
    var messageType: MessageType {
        switch self {
        case .add: MessageType(XFRM_MSG_NEWSA)
        case .update: MessageType(XFRM_MSG_UPDSA)
        case .delete: MessageType(XFRM_MSG_DELSA)
        case .flushAssociations: MessageType(XFRM_MSG_FLUSHSA)
        case .setReplayState: MessageType(XFRM_MSG_NEWAE)
        case .addPolicy: MessageType(XFRM_MSG_NEWPOLICY)
        case .updatePolicy: MessageType(XFRM_MSG_UPDPOLICY)
        case .deletePolicy: MessageType(XFRM_MSG_DELPOLICY)
        case .flushPolicies: MessageType(XFRM_MSG_FLUSHPOLICY)
        }
    }

    var messageFlags: MessageFlags {
        switch self {
        case .add, .addPolicy: Self.flagsOfAdditions
        // `xfrm_new_ae` wants it said that it replaces.
        case .update, .updatePolicy, .setReplayState: .replace
        default: []
        }
    }

    static let flagsOfAdditions: MessageFlags = [.create, .exclusive]

    func encode(into encoder: inout MessageEncoder) throws(NetlinkError) {
        switch self {
        case .add(let association), .update(let association): try association.encode(into: &encoder)
        case .delete(let id): encoder.append(header: xfrm_usersa_id(id))
        case .flushAssociations: encoder.append(header: xfrm_usersa_flush(proto: UInt8(IPPROTO_ESP)))
        case .setReplayState(let id, let state):
            var header = xfrm_aevent_id()
            header.sa_id = xfrm_usersa_id(id)
            encoder.append(header: header)
            try state.encode(into: &encoder)
        case .addPolicy(let policy), .updatePolicy(let policy): try policy.encode(into: &encoder)
        case .deletePolicy(let id): encoder.append(header: xfrm_userpolicy_id(id))
        case .flushPolicies: break
        }
    }

    /// What a change in a batch was, read back from its bytes when it was refused.
    static func describe(_ request: IncomingMessage) throws(NetlinkError) -> (operation: String, object: String)? {
        switch request.type {
        case MessageType(XFRM_MSG_NEWSA), MessageType(XFRM_MSG_UPDSA):
            let info = try request.header(as: xfrm_usersa_info.self)
            let id = try SecurityAssociation.ID(info)
            return (
                request.type == MessageType(XFRM_MSG_NEWSA) ? "add" : "update",
                "SA \(info.saddr.address(id.destination.family)) → \(id.destination) \(id.spi)"
            )
        case MessageType(XFRM_MSG_DELSA):
            return ("delete", "\(try SecurityAssociation.ID(request.header(as: xfrm_usersa_id.self)))")
        case MessageType(XFRM_MSG_NEWAE):
            return ("set the replay state of", "\(try SecurityAssociation.ID(request.header(as: xfrm_aevent_id.self).sa_id))")
        case MessageType(XFRM_MSG_NEWPOLICY), MessageType(XFRM_MSG_UPDPOLICY):
            return (
                request.type == MessageType(XFRM_MSG_NEWPOLICY) ? "add" : "update",
                "\(try SecurityPolicy.ID(request.header(as: xfrm_userpolicy_info.self)))"
            )
        case MessageType(XFRM_MSG_DELPOLICY):
            return ("delete", "\(try SecurityPolicy.ID(request.header(as: xfrm_userpolicy_id.self)))")
        case MessageType(XFRM_MSG_FLUSHSA): return ("flush", "all SAs")
        case MessageType(XFRM_MSG_FLUSHPOLICY): return ("flush", "all policies")
        default: return nil
        }
    }
}
