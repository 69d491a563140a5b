/// Orders of flows; equal ones stay in the report's order.
extension RehearsalReport {
    /// Flows that did not recover, then by the length of the outage.
    var worstFirst: [Flow] {
        flows.enumerated().sorted { left, right in
            let (first, second) = (left.element.outage, right.element.outage)
            return (first.state == .notRecovered ? 0 : 1, -first.frameLoss.nanoseconds, left.offset)
                < (second.state == .notRecovered ? 0 : 1, -second.frameLoss.nanoseconds, right.offset)
        }.map(\.element)
    }

    /// The flow whose outage is the longest; nil without any outage.
    public var worstFlow: Flow? { worstFirst.first { $0.outage.lost > 0 } }

    /// By the probes lost in outages.
    var mostLostFirst: [Flow] {
        flows.enumerated().sorted { ($1.element.outage.lost, $0.offset) < ($0.element.outage.lost, $1.offset) }.map(\.element)
    }
}
