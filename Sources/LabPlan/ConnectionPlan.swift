import Addressing

/// A site-to-site connection between a site and the gateway: one tunnel, or, with an active-active gateway, one to each instance.
public struct ConnectionPlan: Codable, Sendable, Equatable {
    /// Who begins a key exchange, as the management API has it (`connectionMode`).
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// Begins, and answers.
        case `default` = "Default"
        /// Begins, and answers nothing that the peer begins.
        case initiatorOnly = "InitiatorOnly"
        /// Answers, and never begins.
        case responderOnly = "ResponderOnly"
    }

    /// How a side finds out that its peer is gone (RFC 3706, RFC 7296 §2.4), and what it does then.
    public struct DeadPeerDetection: Codable, Sendable, Equatable {
        public enum Action: String, Codable, Sendable, CaseIterable {
            /// Begins a new key exchange at once.
            case restart
            /// Removes the SAs and waits for the peer.
            case clear
            /// Removes the SAs, and begins a new key exchange when traffic asks for one.
            case hold
        }

        /// How long nothing may come from the peer before it is asked for a sign of life, and the time between two questions.
        public var interval: Duration
        /// How long after its last sign of life a peer counts as dead.
        public var timeout: Duration
        public var action: Action

        public init(interval: Duration, timeout: Duration, action: Action) {
            self.interval = interval
            self.timeout = timeout
            self.action = action
        }

        /// 45 s, as the service has it (FAQ, `dpdTimeoutSeconds`); asked every 15 s.
        public static let standard = DeadPeerDetection(interval: .seconds(15), timeout: .seconds(45), action: .restart)
    }

    /// What one side of a connection is configured with.
    public struct Side: Codable, Sendable, Equatable {
        public var preSharedKey: PreSharedKey
        public var policy: IPsecPolicy
        /// The pairs of prefixes that this side protects. Both sides must name the same (TS_UNACCEPTABLE otherwise).
        public var selectors: [Selectors]
        public var mode: Mode
        /// nil: this side never asks for a sign of life.
        public var deadPeerDetection: DeadPeerDetection?

        public init(
            preSharedKey: PreSharedKey, policy: IPsecPolicy, selectors: [Selectors], mode: Mode = .default,
            deadPeerDetection: DeadPeerDetection? = .standard
        ) {
            self.preSharedKey = preSharedKey
            self.policy = policy
            self.selectors = selectors
            self.mode = mode
            self.deadPeerDetection = deadPeerDetection
        }
    }

    /// A pair of prefixes that the connection protects, of one family.
    public struct Selectors: Codable, Sendable, Hashable {
        public var site: IPPrefix
        public var gateway: IPPrefix

        public init(site: IPPrefix, gateway: IPPrefix) {
            self.site = site
            self.gateway = gateway
        }
    }

    /// A tunnel: from the site's address to one of the gateway's.
    public struct Tunnel: Codable, Sendable, Equatable {
        /// The gateway's end: of the family of the site's address.
        public var gatewayAddress: IPAddress
        /// The instance whose own address that is; nil where it is on whichever instance is active.
        public var instance: Int?
        /// What the site is configured to take for the gateway's end. Another address is a tunnel that never comes up.
        public var gatewayAddressAtSite: IPAddress
        /// What the gateway is configured to take for the site's end.
        public var siteAddressAtGateway: IPAddress

        public init(
            gatewayAddress: IPAddress, instance: Int? = nil, gatewayAddressAtSite: IPAddress, siteAddressAtGateway: IPAddress
        ) {
            self.gatewayAddress = gatewayAddress
            self.instance = instance
            self.gatewayAddressAtSite = gatewayAddressAtSite
            self.siteAddressAtGateway = siteAddressAtGateway
        }
    }

    /// What the gateway's resources say of a connection: all that its operator can change while the site's own device stays as it is.
    public struct GatewayConfiguration: Codable, Sendable, Equatable {
        /// false once the connection is deleted at the gateway: it begins nothing there and answers nothing. The site stands on.
        public var exists: Bool
        /// The connection's, unique in the plan.
        public var name: String
        public var side: Side
        /// What the gateway is configured to take for the site's end.
        public var siteAddress: IPAddress

        public init(exists: Bool = true, name: String, side: Side, siteAddress: IPAddress) {
            self.exists = exists
            self.name = name
            self.side = side
            self.siteAddress = siteAddress
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
    /// The tunnels' end at the site.
    public var siteAddress: IPAddress
    public var siteSide: Side
    public var gatewaySide: Side
    /// false once it is deleted at the gateway; see `GatewayConfiguration`.
    public var existsAtGateway = true
    /// One, or one for each instance of an active-active gateway, in the instances' order.
    public var tunnels: [Tunnel]
    /// The tunnel that carries the traffic while it is up.
    public var preferredTunnel: Int
    /// Ties policies to SAs (`xfrm_usersa_info.reqid`): unique in the plan, not 0.
    public var requestID: UInt32
    public var probes: ProbeEndpoints

    public init(
        name: String, site: Int, siteInterface: String, siteAddress: IPAddress, siteSide: Side, gatewaySide: Side, tunnels: [Tunnel],
        preferredTunnel: Int = 0, requestID: UInt32, probes: ProbeEndpoints
    ) {
        self.name = name
        self.site = site
        self.siteInterface = siteInterface
        self.siteAddress = siteAddress
        self.siteSide = siteSide
        self.gatewaySide = gatewaySide
        self.tunnels = tunnels
        self.preferredTunnel = preferredTunnel
        self.requestID = requestID
        self.probes = probes
    }
}

extension ConnectionPlan {
    public var gatewayConfiguration: GatewayConfiguration {
        get {
            GatewayConfiguration(
                exists: existsAtGateway, name: name, side: gatewaySide, siteAddress: tunnels.first?.siteAddressAtGateway ?? siteAddress)
        }
        set {
            existsAtGateway = newValue.exists
            name = newValue.name
            gatewaySide = newValue.side
            for index in tunnels.indices { tunnels[index].siteAddressAtGateway = newValue.siteAddress }
        }
    }

    /// Whether the gateway can be configured so: addresses of one family with its own, prefixes in pairs of one family.
    public func takes(_ configuration: GatewayConfiguration) -> Bool {
        tunnels.allSatisfy { $0.gatewayAddress.family == configuration.siteAddress.family } && !configuration.side.selectors.isEmpty
            && configuration.side.selectors.allSatisfy { $0.site.address.family == $0.gateway.address.family }
    }
}
