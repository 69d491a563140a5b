/// What the lab has to do for the gateway, each completely before the next.
public enum GatewayAction: Sendable, Hashable {
    /// Set both links of an instance down. The instance's addresses and routes may go with it.
    case takeLinksDown(InstanceID)
    /// Set them up again, and restore the instance's own addresses and routes; not the gateway's.
    case bringLinksUp(InstanceID)
    /// Remove all security associations and policies of an instance.
    case flushSecurity(InstanceID)
    /// Install the policies of all connections. Without security associations they block, so that nothing leaves in clear.
    case applyConfiguration(InstanceID)
    /// Add the gateway's virtual addresses outside and the next hops inside.
    case takeAddresses(InstanceID)
    /// Remove them, where they are.
    case releaseAddresses(InstanceID)
    /// Tell the neighbours of both links, once: gratuitous ARP, unsolicited neighbour advertisement.
    case announce(InstanceID)

    /// Start a key exchange with the connection's site, from this instance.
    case beginKeyExchange(KeyExchangeID, InstanceID)
    /// Forget a key exchange: send nothing more of it, and install nothing from it.
    case abandonKeyExchange(KeyExchangeID)
    /// Install the gateway's security associations from a completed exchange.
    case installSecurity(KeyExchangeID, InstanceID)

    case startTimer(GatewayTimer, after: Duration)
    case cancelTimer(GatewayTimer)

    /// Note in the timeline, with the time at which the actions before it are done.
    case report(GatewayEvent)
}
