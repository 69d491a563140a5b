import Addressing
import LabPlan

/// A lab as its author wrote it: read from a file, checked, with defaults filled in and counted sites written out.
///
/// What the lab's own nodes, interfaces and internal addresses are is decided by `plan`, not here.
public struct Topology: Sendable, Equatable {
    /// The file's name as it was given to `load`.
    public let file: String
    public let name: String
    public let gateway: Gateway
    /// 1 to 1,000, in the order of the file.
    public let sites: [Site]
    public let timing: TimingPlan
    /// The gateway's reset, as the topology has it where it names no other rehearsal.
    public let rehearsal: RehearsalPlan
    /// Another rehearsal that is run instead; nil for none.
    public let run: Run?

    /// A rehearsal that the topology names, and what it changes in it.
    public struct Run: Sendable, Equatable {
        /// A built-in's name, or the path of a file, relative to the topology's folder.
        public let rehearsal: String
        public let overrides: RehearsalOverrides
    }

    /// The gateway; its two instances are alike.
    public struct Gateway: Sendable, Equatable {
        public let name: String
        /// The internet addresses: at most one of each family, which moves with the active instance; two of each family in use for an
        /// active-active gateway, of which the first is the primary instance's.
        public let addresses: [IPAddress]
        public let isActiveActive: Bool
        public let recovery: GatewayPlan.Recovery
        /// How many key exchanges of an instance go forward at once.
        public let maxConcurrentExchanges: Int
        /// The networks behind the gateway.
        public let prefixes: [IPPrefix]
        /// Between each instance and the internet.
        public let link: Link
        /// Between each instance and the virtual network.
        public let insideLink: Link
    }

    public struct Site: Sendable, Equatable {
        public let name: String
        /// The site's address on the internet.
        public let address: IPAddress
        /// The networks behind the site.
        public let prefixes: [IPPrefix]
        /// Between the site and the internet.
        public let link: Link
        public let connection: Connection
    }

    /// What a link does to packets towards its node, and to those from it; nil for nothing.
    public struct Link: Sendable, Equatable {
        public let to: Impairment?
        public let from: Impairment?
    }

    /// A site-to-site connection.
    public struct Connection: Sendable, Equatable {
        public let name: String
        /// nil for one that is made from the lab's seed, the same on both sides.
        public let preSharedKeys: PerSide<PreSharedKey>?
        public let policies: PerSide<IPsecPolicy>
        public let modes: PerSide<ConnectionPlan.Mode>
        /// nil for a side that never asks its peer for a sign of life.
        public let deadPeerDetection: PerSide<ConnectionPlan.DeadPeerDetection?>
        /// What the site takes for the gateway's address, by tunnel; nil for the right ones.
        public let gatewayAddressesAtSite: [IPAddress]?
        /// What the gateway takes for the site's address; nil for the right one.
        public let siteAddressAtGateway: IPAddress?
        /// What a side protects; nil for all pairs of prefixes.
        public let selectors: PerSide<[ConnectionPlan.Selectors]?>
        /// Index of the tunnel that carries the traffic while it is up; nil to let the sites take turns.
        public let preferredTunnel: Int?
    }

    /// What each side of a connection is configured with.
    public struct PerSide<Value: Sendable & Equatable>: Sendable, Equatable {
        public let site: Value
        public let gateway: Value
    }
}
