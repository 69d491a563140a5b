/// What a tunnel's end wants done, in order.
public enum TunnelOutput: Sendable, Equatable {
    /// From the connection's local address to its remote one.
    case send([UInt8])
    case startTimer(TunnelTimer, after: Duration)
    case cancelTimer(TunnelTimer)
    /// Install these SAs of a pair. It replaces nothing by itself: what goes is named by `remove`.
    case install(NegotiatedChild, Halves)
    /// Remove these SAs of a pair. After `TunnelInput.expired` the kernel may have done so already.
    case remove(NegotiatedChild, Halves)
    case event(TunnelEvent)
}

/// Of a pair of SAs.
public struct Halves: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let inbound = Halves(rawValue: 1)
    public static let outbound = Halves(rawValue: 2)
    public static let both: Halves = [.inbound, .outbound]
}

/// What is worth a line in a timeline.
public enum TunnelEvent: Sendable, Equatable {
    /// This end would begin, and waits until it is admitted.
    case exchangeQueued
    /// This end begins with IKE_SA_INIT.
    case exchangeStarted
    /// The SAs are installed.
    case established(NegotiatedChild, initiated: Bool)
    /// An exchange has ended without keys, whichever end began it.
    case exchangeFailed(KeyExchangeFailure)
    /// For so long nothing was heard from the peer, or a request to it went unanswered.
    case peerDead(silence: Duration)
    /// The peer has deleted the IKE SA.
    case deletedByPeer
    /// From now on this end sends on the new pair.
    case rekeyed(NegotiatedChild, initiated: Bool)
    case rekeyFailed(KeyExchangeFailure)
    /// The hard lifetime was reached without a successor.
    case expired
}
