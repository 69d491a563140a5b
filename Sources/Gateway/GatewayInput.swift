/// What can happen to the gateway.
public enum GatewayInput: Sendable, Hashable {
    /// The lab is built, all links are up, neither instance holds the gateway's addresses.
    case start
    /// Someone asks for a reset of the gateway (`az network vnet-gateway reset`).
    case resetRequested
    case timerFired(GatewayTimer)
    /// Both ends have agreed on keys.
    case keyExchangeCompleted(KeyExchangeID)
    /// The exchange ended without keys: nobody answered, or an end refused.
    case keyExchangeFailed(KeyExchangeID)
    /// A restarting instance is back before its boot timer fired. Not needed where the timer alone decides.
    case instanceBack(InstanceID)
}

/// Why an input changed nothing.
public enum IgnoredInput: Sendable, Hashable, Error {
    case alreadyStarted
    case notStarted
    /// A reset found both instances restarting already.
    case noInstanceToRestart
    /// The timer was cancelled, or fired before.
    case staleTimer(GatewayTimer)
    /// The exchange was abandoned, has ended before, or never began.
    case unknownKeyExchange(KeyExchangeID)
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
