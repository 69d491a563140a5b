/// What can happen to the gateway.
public enum GatewayInput: Sendable, Hashable {
    /// The lab is built, all links are up, neither instance holds the gateway's addresses.
    case start
    /// An instance is to restart, or ends. nil stands for the active one, or the one that is about to be; of an active-active gateway for the
    /// first, the primary, whatever was restarted before.
    case restart(RestartCause, InstanceID?)
    case timerFired(GatewayTimer)
    /// Every tunnel of an instance is up or was refused.
    case tunnelsSettled(InstanceID)
    /// A restarting instance is back before its boot timer fired. Not needed where the timer alone decides.
    case instanceBack(InstanceID)
}

/// Why an input changed nothing.
public enum IgnoredInput: Sendable, Hashable, Error {
    case alreadyStarted
    case notStarted
    /// The instance, or where none was named both, are restarting already.
    case noInstanceToRestart
    /// The timer was cancelled, or fired before.
    case staleTimer(GatewayTimer)
    /// The instance has no tunnels at the moment.
    case notActive(InstanceID)
    /// The instance was not away.
    case notRestarting(InstanceID)
}

/// The gateway's answer to an input.
public enum GatewayReaction: Sendable, Hashable {
    /// To be carried out in this order.
    case actions([GatewayAction])
    case ignored(IgnoredInput)

    /// Empty when the input was ignored.
    public var actions: [GatewayAction] {
        switch self {
        case .actions(let actions): actions
        case .ignored: []
        }
    }
}
