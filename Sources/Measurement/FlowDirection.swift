/// Which way the probes of a flow cross the tunnel.
public enum FlowDirection: String, Codable, Sendable, CaseIterable {
    /// From the site's network to the virtual network behind the gateway.
    case toGateway = "site-to-gateway"
    /// From the virtual network to the site's.
    case toSite = "gateway-to-site"
}
