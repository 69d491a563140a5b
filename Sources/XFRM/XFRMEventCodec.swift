import Addressing
import CMnl
import Netlink

extension XFRMEvent.Group {
    var number: UInt32 {
        switch self {
        case .acquisitions: XFRMNLGRP_ACQUIRE.rawValue
        case .expirations: XFRMNLGRP_EXPIRE.rawValue
        case .associations: XFRMNLGRP_SA.rawValue
        case .policies: XFRMNLGRP_POLICY.rawValue
        case .replayStates: XFRMNLGRP_AEVENTS.rawValue
        }
    }
}

extension XFRMEvent {
    /// - Returns: nil for kinds of messages that are no event of ours, and for SAs that are only reserved.
    /// - Throws: `malformed`.
    init?(_ message: IncomingMessage) throws(NetlinkError) {
        guard let event = try Self.decode(message) else { return nil }
        self = event
    }

    private static func decode(_ message: IncomingMessage) throws(NetlinkError) -> XFRMEvent? {
        switch message.type {
        case MessageType(XFRM_MSG_NEWSA): return try message.decodeInstalledAssociation().map(XFRMEvent.added)
        case MessageType(XFRM_MSG_UPDSA): return try message.decodeInstalledAssociation().map(XFRMEvent.updated)
        case MessageType(XFRM_MSG_DELSA): return .deleted(try .init(message.header(as: xfrm_usersa_id.self)))
        case MessageType(XFRM_MSG_FLUSHSA): return .flushedAssociations
        case MessageType(XFRM_MSG_EXPIRE):
            let expiry = try message.header(as: xfrm_user_expire.self)
            return .expired(try .init(expiry.state), isHard: expiry.hard != 0, packets: expiry.state.curlft.packets)
        case MessageType(XFRM_MSG_ACQUIRE): return .acquire(try Acquire(message))
        case MessageType(XFRM_MSG_NEWPOLICY): return .addedPolicy(try message.decodePolicy())
        case MessageType(XFRM_MSG_UPDPOLICY): return .updatedPolicy(try message.decodePolicy())
        case MessageType(XFRM_MSG_DELPOLICY): return .deletedPolicy(try deletedPolicy(message))
        case MessageType(XFRM_MSG_FLUSHPOLICY): return .flushedPolicies
        case MessageType(XFRM_MSG_POLEXPIRE):
            let expiry = try message.header(as: xfrm_user_polexpire.self)
            return .expiredPolicy(try .init(expiry.pol), isHard: expiry.hard != 0)
        case MessageType(XFRM_MSG_NEWAE):
            let id = try SecurityAssociation.ID(message.header(as: xfrm_aevent_id.self).sa_id)
            return try ReplayState(in: message.attributes(after: xfrm_aevent_id.self)).map { .replayState(id, $0) }
        default: return nil
        }
    }

    /// The message's header leaves the selector empty when the policy was deleted by its index; an attribute holds the policy in any case
    /// (`xfrm_notify_policy`).
    private static func deletedPolicy(_ message: IncomingMessage) throws(NetlinkError) -> SecurityPolicy.ID {
        let attributes = try message.attributes(after: xfrm_userpolicy_id.self)
        if let info = try attributes.load(AttributeType(XFRMA_POLICY), as: xfrm_userpolicy_info.self) { return try .init(info) }
        return try .init(message.header(as: xfrm_userpolicy_id.self))
    }
}

extension XFRMEvent.Acquire {
    fileprivate init(_ message: IncomingMessage) throws(NetlinkError) {
        let acquire = try message.header(as: xfrm_user_acquire.self)
        let templates = try SecurityPolicy.Template.decodeAll(message.attributes(after: xfrm_user_acquire.self))
        // The addresses' family is in the template; without one it is that of the packet.
        let family =
            if let template = templates.first { template.destination.family } else { try IPAddress.Family(number: acquire.sel.family) }
        source = acquire.saddr.address(family)
        destination = acquire.id.daddr.address(family)
        selector = try TrafficSelector(acquire.sel)
        policy = try SecurityPolicy.ID(acquire.policy)
        requestID = templates.first?.requestID
    }
}
