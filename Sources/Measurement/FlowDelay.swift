/// One-way delay of a flow (RFC 7679), of first arrivals and by when the probes were sent. All times are nanoseconds.
///
/// A trace keeps every probe, so that these are exact order statistics: no histogram's bins round them.
public struct FlowDelay: Codable, Sendable, Equatable {
    /// The delay over time.
    public struct Series: Codable, Sendable, Equatable {
        /// The width of each bin; the first begins with the measured part.
        public var binWidth: Int64
        /// nil for a bin of which no probe arrived.
        public var median: [Int64?]
        public var maximum: [Int64?]
    }

    /// Of all probes; nil when none arrived.
    public var all: Distribution?
    /// Of those sent before the outage's first lost probe, up to its last one, and after it; nil where none arrived, and without an outage.
    public var before: Distribution?
    public var during: Distribution?
    public var after: Distribution?
    /// nil when nothing arrived.
    public var series: Series?

    /// As many bins as a picture has room for.
    static let largestBinCount = 240

    /// - Parameter all: the trace's own `delay`, which takes a sort: whoever needs it before hands it over.
    init(of trace: FlowTrace, all: Distribution?, outage: Outage) {
        self.all = all
        guard all != nil else { return }
        if let start = outage.start, let end = outage.end {
            before = Distribution(trace.delays(sentIn: .min..<start).map(\.delay))
            during = Distribution(trace.delays(sentIn: start..<(end + 1)).map(\.delay))
            after = Distribution(trace.delays(sentIn: (end + 1)..<(.max)).map(\.delay))
        }
        series = Series(of: trace)
    }
}

extension FlowDelay.Series {
    fileprivate init?(of trace: FlowTrace) {
        guard let last = trace.lastSendTime else { return nil }
        let span = last + 1
        // A bin has at least one probe's interval.
        binWidth = max((span + Int64(FlowDelay.largestBinCount) - 1) / Int64(FlowDelay.largestBinCount), trace.interval)
        let count = Int((span + binWidth - 1) / binWidth)
        var bins = [[Int64]](repeating: [], count: count)
        for probe in trace.delays(sentIn: 0..<span) { bins[Int(probe.sent / binWidth)].append(probe.delay) }
        let statistics = bins.map { Distribution($0) }
        median = statistics.map { $0?.median }
        maximum = statistics.map { $0?.maximum }
    }
}
