import LabPlan
import Measurement

/// The memory that a rehearsal's traces take in the agent: of each probe, when it was sent and when it arrived, until the end.
public struct TraceMemory: Sendable, Equatable {
    public var flows: Int
    /// Of each flow.
    public var probes: Int

    public init(flows: Int, probes: Int) {
        self.flows = flows
        self.probes = probes
    }

    /// Two flows for each connection.
    public init(_ plan: LabPlan) {
        let (seconds, attoseconds) = plan.rehearsal.duration.components
        let duration = Double(seconds) + Double(attoseconds) / 1e18
        self.init(flows: 2 * plan.connections.count, probes: Int(clamping: Int64((duration * plan.rehearsal.probeRate).rounded(.up))))
    }

    /// In bytes. Flows are evaluated one after the other.
    public var bytes: Int {
        let (traces, overflow) = (flows * FlowTrace.bytesPerProbe).multipliedReportingOverflow(by: probes)
        let (evaluation, overflowToo) = FlowTrace.evaluationBytesPerProbe.multipliedReportingOverflow(by: probes)
        guard !overflow, !overflowToo else { return .max }
        return traces.addingReportingOverflow(evaluation).overflow ? .max : traces + evaluation
    }

    /// How many probes of each flow fit.
    ///
    /// - Parameter bytes: what traces may take.
    public func probesThatFit(in bytes: Int) -> Int {
        bytes / (flows * FlowTrace.bytesPerProbe + FlowTrace.evaluationBytesPerProbe)
    }
}
