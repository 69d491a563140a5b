import LabPlan

extension TimingPlan.Retransmission {
    /// No wait is longer, whatever base and tries say: a day.
    static let longestWait = Duration.seconds(86_400)

    /// How long to wait for an answer to a request before it is sent again or given up: timeout × base^n, to the nanosecond.
    ///
    /// - Parameter repetitions: how often the request was repeated so far.
    public func wait(afterRepetitions repetitions: Int) -> Duration {
        var seconds = Double(timeout.components.seconds) + Double(timeout.components.attoseconds) * 1e-18
        let limit = Double(Self.longestWait.components.seconds)
        for _ in 0..<max(0, repetitions) where seconds < limit { seconds *= base }
        guard seconds.isFinite, seconds < limit else { return Self.longestWait }
        return .nanoseconds(Int64((max(0, seconds) * 1e9).rounded()))
    }
}
