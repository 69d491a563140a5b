import LabPlan
import Measurement

/// Names counters for people: `XfrmInNoStates@gateway-1`, `qdisc_drops@internet/s0001`.
struct CounterNames {
    /// In place of a counter for lost probes that none explains.
    static let unexplained = "unexplained"

    private let nodes: [String]

    init(plan: LabPlan) { nodes = plan.nodes.map(\.name) }

    func label(of counter: CounterKey) -> String { "\(counter.name)@\(place(node: counter.node, interface: counter.interface))" }

    /// `internet/s0001`, `gateway-1`.
    func place(node: Int, interface: String?) -> String {
        (nodes.indices.contains(node) ? nodes[node] : "node \(node)") + (interface.map { "/\($0)" } ?? "")
    }

    func packets(by causes: [LossCause]) -> [String: Int] {
        Dictionary(causes.map { ($0.counter.map(label(of:)) ?? Self.unexplained, $0.packets) }, uniquingKeysWith: +)
    }

    /// By packets, the names deciding among equals.
    static func mostFirst(_ causes: [String: Int]) -> [(key: String, value: Int)] {
        causes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    }

    /// What a label of this kind means, in a few words.
    static func cause(ofLabel label: String) -> String {
        guard let end = label.firstIndex(of: "@") else { return label }
        return CounterMeaning.of(String(label[..<end])).cause
    }
}
