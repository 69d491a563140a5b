import Addressing

/// The gateway: two instances, of which one holds the addresses.
public struct GatewayPlan: Codable, Sendable, Equatable {
    public struct Instance: Codable, Sendable, Equatable {
        /// `gateway-0` or `gateway-1`.
        public var name: String
        public var node: Int
        /// The interface to the internet, and the one to the virtual network.
        public var outside: String
        public var inside: String

        public init(name: String, node: Int, outside: String, inside: String) {
            self.name = name
            self.node = node
            self.outside = outside
            self.inside = inside
        }
    }

    public var name: String
    /// Two; the first is active at the start.
    public var instances: [Instance]
    /// The virtual addresses on the internet: at most one of each family. Host prefixes on the active instance's outside interface.
    public var virtualAddresses: [IPAddress]
    /// The virtual network's next hops towards the sites, one of each family in use, on the active instance's inside interface.
    public var insideNextHops: [IPAddress]
    /// The prefixes behind the gateway.
    public var prefixes: [IPPrefix]

    public init(
        name: String, instances: [Instance], virtualAddresses: [IPAddress], insideNextHops: [IPAddress], prefixes: [IPPrefix]
    ) {
        self.name = name
        self.instances = instances
        self.virtualAddresses = virtualAddresses
        self.insideNextHops = insideNextHops
        self.prefixes = prefixes
    }
}

/// A site-to-site connection between a site and the gateway.
public struct ConnectionPlan: Codable, Sendable, Equatable {
    /// What one side of a connection is configured with.
    public struct Side: Codable, Sendable, Equatable {
        public var preSharedKey: PreSharedKey
        public var policy: IPsecPolicy

        public init(preSharedKey: PreSharedKey, policy: IPsecPolicy) {
            self.preSharedKey = preSharedKey
            self.policy = policy
        }
    }

    /// A pair of prefixes that the connection protects, of one family.
    public struct Selectors: Codable, Sendable, Equatable {
        public var site: IPPrefix
        public var gateway: IPPrefix

        public init(site: IPPrefix, gateway: IPPrefix) {
            self.site = site
            self.gateway = gateway
        }
    }

    /// The addresses between which the probes of this connection run.
    public struct ProbeEndpoints: Codable, Sendable, Equatable {
        public var site: IPAddress
        public var gateway: IPAddress

        public init(site: IPAddress, gateway: IPAddress) {
            self.site = site
            self.gateway = gateway
        }
    }

    /// Unique in the plan; what reports call it.
    public var name: String
    /// The site's node.
    public var site: Int
    /// The site's interface to the internet.
    public var siteInterface: String
    /// The tunnel's ends: of one family.
    public var siteAddress: IPAddress
    public var gatewayAddress: IPAddress
    public var siteSide: Side
    public var gatewaySide: Side
    public var selectors: [Selectors]
    /// Ties policies to SAs (`xfrm_usersa_info.reqid`): unique in the plan, not 0.
    public var requestID: UInt32
    public var probes: ProbeEndpoints

    public init(
        name: String, site: Int, siteInterface: String, siteAddress: IPAddress, gatewayAddress: IPAddress, siteSide: Side,
        gatewaySide: Side, selectors: [Selectors], requestID: UInt32, probes: ProbeEndpoints
    ) {
        self.name = name
        self.site = site
        self.siteInterface = siteInterface
        self.siteAddress = siteAddress
        self.gatewayAddress = gatewayAddress
        self.siteSide = siteSide
        self.gatewaySide = gatewaySide
        self.selectors = selectors
        self.requestID = requestID
        self.probes = probes
    }
}
