/// What the lab has to do for the gateway, each completely before the next.
public enum GatewayAction: Sendable, Hashable {
    /// Set both links of an instance down. The instance's addresses and routes may go with it.
    case takeLinksDown(InstanceID)
    /// Set them up again, and restore the instance's own addresses and routes; not the gateway's.
    case bringLinksUp(InstanceID)
    /// Remove all security associations and policies of an instance.
    case flushSecurity(InstanceID)
    /// Install the policies of all tunnels that may end here, where they are not. Without security associations they block, so that nothing
    /// leaves in clear.
    case applyConfiguration(InstanceID)
    case takeAddresses(InstanceID, AddressSet)
    /// Remove them, where they are.
    case releaseAddresses(InstanceID, AddressSet)
    /// Tell the neighbours, once: gratuitous ARP, unsolicited neighbour advertisement.
    case announce(InstanceID, AddressSet)

    /// Bring up every tunnel that ends at this instance, and answer with `GatewayInput.tunnelsSettled`.
    case startTunnels(InstanceID)
    /// Forget the instance's tunnels: send nothing more of them, and install nothing for them.
    case forgetTunnels(InstanceID)

    case startTimer(GatewayTimer, after: Duration)
    case cancelTimer(GatewayTimer)

    /// Note in the timeline, with the time at which the actions before it are done.
    case report(GatewayEvent)
}

/// Addresses that an instance holds together.
public enum AddressSet: Sendable, Hashable {
    /// Active-standby: the virtual addresses outside and the next hops inside, on the active instance.
    case gateway
    /// Active-active: an instance's own addresses outside. They never move.
    case own(InstanceID)
    /// Active-active: an instance's next hops inside, which its peer holds while it is away.
    case nextHops(InstanceID)
}
