/// What it means that a kernel counter rose: for the ledger its place in the path and its precedence, for reports a name and an explanation.
public struct CounterMeaning: Sendable, Equatable {
    /// Counters that name a cause exactly come before those that count the same packet again or for many reasons.
    public enum Precedence: Int, Sendable, Comparable, CaseIterable {
        case security
        case route
        case interface
        case queue
        case derived

        public static func < (lhs: Precedence, rhs: Precedence) -> Bool { lhs.rawValue < rhs.rawValue }
    }

    public let group: CounterGroup
    public let precedence: Precedence
    /// A few words for a table's column.
    public let cause: String
    /// A sentence that says why the packet was dropped.
    public let explanation: String
    /// The kernel function that counts, or the document that defines the counter.
    public let source: String

    /// The meaning of a counter by its kernel name. A counter that the table lacks is its own cause.
    public static func of(_ name: String) -> CounterMeaning {
        table[name] ?? CounterMeaning(unknown: name)
    }

    init(_ group: CounterGroup, _ precedence: Precedence, _ cause: String, _ explanation: String, _ source: String) {
        self.group = group
        self.precedence = precedence
        self.cause = cause
        self.explanation = explanation
        self.source = source
    }

    private init(unknown name: String) {
        let (group, precedence): (CounterGroup, Precedence) =
            if name.hasPrefix("XfrmIn") {
                (.opening, .security)
            } else if name.hasPrefix("Xfrm") {
                (.sealing, .security)
            } else if name.hasPrefix("rx_") {
                (.receiving, .interface)
            } else if name.hasPrefix("tx_") {
                (.sending, .interface)
            } else if name.hasPrefix("qdisc_") {
                (.sending, .queue)
            } else if name.hasPrefix("Udp") {
                (.delivery, .derived)
            } else {
                (.routing, .derived)
            }
        self.init(group, precedence, name, "The kernel counted it as \(name).", "")
    }

    private static let table: [String: CounterMeaning] = {
        var table = security
        for family in ["Ip", "Ip6"] { table.merge(routing(family)) { first, _ in first } }
        table.merge(links) { first, _ in first }
        table.merge(delivery) { first, _ in first }
        return table
    }()
}
