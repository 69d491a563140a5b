/// The kinds of notices that come from the kernel itself, as `TimelineEvent.kind`.
public enum KernelNotice: String, Sendable {
    /// A next hop's table has another link-layer address for one of the gateway's addresses (`RTM_NEWNEIGH`). The subject is the node.
    case neighbourUpdated = "neighbour-updated"
    /// A site's kernel has an SA more (`XFRM_MSG_NEWSA`). The subject is the connection.
    case siteAssociationAdded = "site-association-added"
    /// An instance's kernel has an SA more. The subject is the connection.
    case gatewayAssociationAdded = "gateway-association-added"
}
