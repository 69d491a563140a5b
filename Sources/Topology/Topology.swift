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
    public let rehearsal: RehearsalPlan

    /// The gateway; its two instances are alike.
    public struct Gateway: Sendable, Equatable {
        public let name: String
        /// The internet addresses that move with the active instance: at most one of each family.
        public let addresses: [IPAddress]
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
    }

    /// What each side of a connection is configured with.
    public struct PerSide<Value: Sendable & Equatable>: Sendable, Equatable {
        public let site: Value
        public let gateway: Value
    }
}
