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

        public var lost: Int
        public var explained: Int
        public var unexplained: Int
        public var counters: [Counter]

        init(_ result: RehearsalResult, names: CounterNames) {
            lost = result.flows.reduce(0) { $0 + $1.lost }
            explained = result.ledger.reduce(0) { $0 + $1.allocated }
            unexplained = lost - explained
            counters = result.ledger.map { total in
                let meaning = CounterMeaning.of(total.counter.name)
                return Counter(
                    counter: names.label(of: total.counter), cause: meaning.cause, explanation: meaning.explanation, delta: total.delta,
                    explained: total.allocated)
            }
        }
    }
}
