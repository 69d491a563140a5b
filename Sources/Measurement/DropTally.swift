/// The kernel's own reasons for dropping the lab's packets (`enum skb_drop_reason`), as its drop monitor told them.
///
/// Beside the ledger, not in it: a frame that a bridge floods is dropped at every port but one, and a packet that the sender's own stack refuses
/// never was a packet.
public struct DropTally: Codable, Sendable, Equatable {
    /// How many packets died at one place for one reason.
    public struct Total: Codable, Sendable, Equatable {
        /// `OTHERHOST`, `XFRM_POLICY`; nil of a kernel that tells none.
        public var reason: String?
        /// The kernel function that freed them; nil where the kernel hides its symbols.
        public var function: String?
        /// The node where they died, and the interface that they came in by; nil for packets that came in by none of the lab's.
        public var node: Int?
        public var interface: String?
        public var packets: Int

        public init(reason: String?, function: String?, node: Int?, interface: String?, packets: Int) {
            self.reason = reason
            self.function = function
            self.node = node
            self.interface = interface
            self.packets = packets
        }
    }

    /// Most packets first.
    public var totals: [Total]
    /// Drops that the kernel could not tell of, of whatever packets.
    public var missed: UInt64

    public init(totals: [Total], missed: UInt64) {
        self.totals = totals
        self.missed = missed
    }
}
