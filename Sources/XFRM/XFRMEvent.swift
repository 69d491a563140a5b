import Addressing

/// What happened to a namespace's IPsec state, whoever did it.
public enum XFRMEvent: Sendable {
    case added(InstalledAssociation)
    case updated(InstalledAssociation)
    case deleted(SecurityAssociation.ID)
    case flushedAssociations
    /// A limit was reached. At a hard one the SA is gone; it had carried this many packets.
    case expired(SecurityAssociation.ID, isHard: Bool, packets: UInt64)
    /// An outbound packet found a policy and no SA for it: time to negotiate one.
    case acquire(Acquire)
    case addedPolicy(SecurityPolicy)
    case updatedPolicy(SecurityPolicy)
    case deletedPolicy(SecurityPolicy.ID)
    case flushedPolicies
    case expiredPolicy(SecurityPolicy.ID, isHard: Bool)
    /// A replay state was set, or crossed a threshold.
    case replayState(SecurityAssociation.ID, ReplayState)

    public struct Acquire: Hashable, Sendable {
        /// The tunnel's ends from the policy's template.
        public var source: IPAddress
        public var destination: IPAddress
        /// The packet's own addresses, or as much of the policy's selector as the template keeps.
        public var selector: TrafficSelector
        public var policy: SecurityPolicy.ID
        public var requestID: UInt32?
    }

    /// What an event socket listens to.
    public enum Group: Sendable, CaseIterable {
        case acquisitions
        case expirations
        case associations
        case policies
        case replayStates
    }
}
