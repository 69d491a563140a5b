import Addressing
import LabPlan

/// What happens to a tunnel's end.
public enum TunnelInput: Sendable, Equatable {
    /// Configured, its address in place: it begins or waits, as its mode says.
    case start
    /// Its node restarts, or its address is gone: everything is forgotten and nothing is sent. The kernel's SAs are not this value's to remove
    /// any more: the outputs cancel timers, no more.
    case forget
    /// Its operator resets the connection: the peer is told once (DELETE), the SAs are removed, and keys are agreed on anew as after `start`.
    case reset
    /// Its configuration is taken away: the peer is told once (DELETE), the SAs are removed, and everything is forgotten.
    case close
    /// What came in on the connection's local address.
    case datagram([UInt8], from: IPAddress)
    /// Any timer but `liveness`.
    case timerFired(TunnelTimer)
    /// The timer `liveness`.
    ///
    /// - Parameter opened: how many packets the tunnel's inbound SAs have opened up to now, the removed ones included.
    case livenessDue(TunnelTimer, opened: UInt64)
    /// An exchange may begin now: to an end that waits for it (`TunnelEnd.isAwaitingAdmission`).
    case admitted
    /// A packet found a policy and no SA (the kernel's XFRM_MSG_ACQUIRE).
    case trafficWaiting
    /// The soft lifetime of the pair with this inbound SPI is reached, whichever of the two SAs reached it.
    case expiring(inbound: ChildSPI)
    /// The hard lifetime of the pair is reached. The kernel has removed the SA that reached it; the pair's other one may still be there.
    case expired(inbound: ChildSPI)
    /// This value was carried to where none of its timers runs (state synchronisation): they are started anew, each with its whole duration.
    case resumed
}

/// Names one start of one of a tunnel end's timers, so that the end of an earlier one is told from it.
public struct TunnelTimer: Sendable, Hashable {
    /// There is one timer of each at a time.
    public enum Purpose: Sendable, Hashable {
        /// The peer's time for the first word.
        case yield
        /// The peer's time to go on with the exchange that it began.
        case halfOpen
        /// A request's time to be answered.
        case retransmission
        /// The pause before a refused exchange is begun again.
        case retry
        /// The time to the next look for a sign of life. Ends with `TunnelInput.livenessDue`.
        case liveness
        /// The pause before a refused rekeying is begun again.
        case rekeyRetry
        /// The replaced inbound SA's remaining time.
        case keepReplaced(ChildSPI)
    }

    public let purpose: Purpose
    public let generation: Int

    public init(purpose: Purpose, generation: Int) {
        self.purpose = purpose
        self.generation = generation
    }
}
