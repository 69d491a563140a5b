import Addressing

/// The gateway: two instances. One of them holds the addresses, or, active-active, each has its own.
public struct GatewayPlan: Codable, Sendable, Equatable {
    public struct Instance: Codable, Sendable, Equatable {
        /// `gateway-0` or `gateway-1`.
        public var name: String
        public var node: Int
        /// The interface to the internet, and the one to the virtual network.
        public var outside: String
        public var inside: String
        /// Active-active only: the instance's own internet addresses, which never move, at most one of each family.
        public var addresses: [IPAddress]
        /// Active-active only: the next hops of the virtual network that are this instance's while it forwards; its peer's meanwhile.
        public var insideNextHops: [IPAddress]

        public init(
            name: String, node: Int, outside: String, inside: String, addresses: [IPAddress] = [], insideNextHops: [IPAddress] = []
        ) {
            self.name = name
            self.node = node
            self.outside = outside
            self.inside = inside
            self.addresses = addresses
            self.insideNextHops = insideNextHops
        }
    }

    /// How tunnels come back on the instance that takes over.
    public enum Recovery: String, Codable, Sendable, CaseIterable {
        /// The instance knows no SA of its peer's: new ones are agreed on.
        case negotiate
        /// The same SPIs and keys are installed, without replay state: sequence numbers begin again at 1.
        case sameSPI = "same-spi"
        /// SAs and their replay state are carried to the standby while the active instance lives (`XFRM_MSG_NEWAE`).
        case stateSync = "state-sync"
    }

    /// No document of the service has a number. This keeps one processor busy with lines of up to half a second of delay there and back, and has
    /// the first of many connections back after a few tenths of a second.
    public static let standardConcurrentExchanges = 32

    public var name: String
    /// Two; the first is active at the start, and the primary of an active-active gateway.
    public var instances: [Instance]
    public var isActiveActive: Bool
    public var recovery: Recovery
    /// How many key exchanges of an instance go forward at once before further ones wait for their turn to begin. What sites begin counts, and
    /// is answered all the same.
    public var maxConcurrentExchanges: Int
    /// The virtual addresses on the internet: at most one of each family. Host prefixes on the active instance's outside interface.
    /// Empty for an active-active gateway.
    public var virtualAddresses: [IPAddress]
    /// The virtual network's next hops towards the sites, one of each family in use, on the active instance's inside interface.
    /// Empty for an active-active gateway.
    public var insideNextHops: [IPAddress]
    /// The prefixes behind the gateway.
    public var prefixes: [IPPrefix]

    public init(
        name: String, instances: [Instance], isActiveActive: Bool = false, recovery: Recovery = .negotiate,
        maxConcurrentExchanges: Int = standardConcurrentExchanges, virtualAddresses: [IPAddress], insideNextHops: [IPAddress],
        prefixes: [IPPrefix]
    ) {
        self.name = name
        self.instances = instances
        self.isActiveActive = isActiveActive
        self.recovery = recovery
        self.maxConcurrentExchanges = maxConcurrentExchanges
        self.virtualAddresses = virtualAddresses
        self.insideNextHops = insideNextHops
        self.prefixes = prefixes
    }
}
