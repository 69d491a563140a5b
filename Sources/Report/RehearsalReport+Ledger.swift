import Measurement

extension RehearsalReport {
    /// Whether the kernel's counters account for the lost probes.
    public struct Ledger: Codable, Sendable, Equatable {
        /// A counter that rose.
        public struct Counter: Codable, Sendable, Equatable {
            /// The counter and its place, as in the flows' causes.
            public var counter: String
            public var cause: String
            public var explanation: String
            /// By how much it rose.
            public var delta: UInt64
            /// How many lost probes it explains.
            public var explained: Int
        }

        /// The kernel's own reasons for dropping the lab's packets.
        public struct Drops: Codable, Sendable, Equatable {
            public struct Reason: Codable, Sendable, Equatable {
                /// As the kernel names it (`enum skb_drop_reason`); absent of a kernel that tells none.
                public var reason: String?
                /// The kernel function that freed the packets; absent where the kernel hides its symbols.
                public var function: String?
                /// Node and interface that they came in by; absent for packets that came in by none of the lab's.
                public var place: String?
                public var packets: Int
            }

            /// Most packets first.
            public var reasons: [Reason]
            /// Drops that the kernel could not tell of, of whatever packets.
            public var missed: UInt64

            init(_ tally: DropTally, names: CounterNames) {
                reasons = tally.totals.map { total in
                    Reason(
                        reason: total.reason, function: total.function,
                        place: total.node.map { names.place(node: $0, interface: total.interface) }, packets: total.packets)
                }
                missed = tally.missed
            }
        }

        public var lost: Int
        public var explained: Int
        public var unexplained: Int
        public var counters: [Counter]
        /// Absent where the kernel tells none, or belongs to others too.
        public var drops: Drops?

        init(_ result: RehearsalResult, names: CounterNames) {
            lost = result.flows.reduce(0) { $0 + $1.lost }
            explained = result.ledger.reduce(0) { $0 + $1.allocated }
            unexplained = lost - explained
            drops = result.drops.map { Drops($0, names: names) }
            counters = result.ledger.map { total in
                let meaning = CounterMeaning.of(total.counter.name)
                return Counter(
                    counter: names.label(of: total.counter), cause: meaning.cause, explanation: meaning.explanation, delta: total.delta,
                    explained: total.allocated)
            }
        }
    }
}
