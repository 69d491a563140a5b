/// A change to a namespace's IPsec state: one request to the kernel, alone or in a batch.
public enum XFRMChange: Sendable {
    /// `ip xfrm state add` (`xfrm_add_sa`).
    case add(SecurityAssociation)
    /// `ip xfrm state update` (`xfrm_add_sa`).
    case update(SecurityAssociation)
    /// `ip xfrm state delete` (`xfrm_del_sa`).
    case delete(SecurityAssociation.ID)
    /// `ip xfrm state flush proto esp` (`xfrm_flush_sa`).
    case flushAssociations
    /// No twin in `ip` (`xfrm_new_ae`).
    case setReplayState(SecurityAssociation.ID, ReplayState)
    /// `ip xfrm policy add` (`xfrm_add_policy`).
    case addPolicy(SecurityPolicy)
    /// `ip xfrm policy update` (`xfrm_add_policy`).
    case updatePolicy(SecurityPolicy)
    /// `ip xfrm policy delete` (`xfrm_get_policy`).
    case deletePolicy(SecurityPolicy.ID)
    /// `ip xfrm policy flush` (`xfrm_flush_policy`).
    case flushPolicies

    /// The verb for an error's text.
    var operation: String {
        switch self {
        case .add, .addPolicy: "add"
        case .update, .updatePolicy: "update"
        case .delete, .deletePolicy: "delete"
        case .flushAssociations, .flushPolicies: "flush"
        case .setReplayState: "set the replay state of"
        }
    }

    /// What the change is about, for an error's text.
    var object: String {
        switch self {
        case .add(let association), .update(let association): "\(association)"
        case .delete(let id), .setReplayState(let id, _): "\(id)"
        case .addPolicy(let policy), .updatePolicy(let policy): "\(policy)"
        case .deletePolicy(let id): "\(id)"
        case .flushAssociations: "all SAs"
        case .flushPolicies: "all policies"
        }
    }
}
