/// One known outage and what each flow's probes measured of it. All times are in nanoseconds.
public struct CalibrationTrial: Codable, Sendable, Equatable {
    /// How long the link was meant to be down.
    public var intended: Int64
    /// How long it was down.
    public var truth: Int64
    /// How far the truth may be off.
    public var uncertainty: Int64
    /// In the order of the plan's rates.
    public var readings: [CalibrationReading]

    public init(intended: Int64, known: KnownOutage, readings: [CalibrationReading]) {
        self.intended = intended
        truth = known.duration
        uncertainty = known.uncertainty
        self.readings = readings
    }
}

/// What one flow's probes measured of one outage, in nanoseconds.
public struct CalibrationReading: Codable, Sendable, Equatable {
    /// 0 for an outage that fell between two probes.
    public var lost: Int
    /// Probes that were due in the trial and not sent.
    public var unsent: Int
    /// Maximal runs of lost probes; more than one says that something got through in the outage, or was lost outside of it.
    public var lossPeriods: Int
    /// Lost probes over the rate (RFC 6201 §1.3).
    public var frameLoss: Int64
    /// From the last arrival before to the first one after (RFC 6201 §1.3); 0 when nothing was lost, nil when no probe arrived on one side.
    public var timestamp: Int64?
    /// How unevenly the probes at the outage's edges were sent: the greatest difference of their delays against the schedule.
    public var irregularity: Int64

    public init(lost: Int, unsent: Int, lossPeriods: Int, frameLoss: Int64, timestamp: Int64?, irregularity: Int64) {
        self.lost = lost
        self.unsent = unsent
        self.lossPeriods = lossPeriods
        self.frameLoss = frameLoss
        self.timestamp = timestamp
        self.irregularity = irregularity
    }

    /// Reads off a flow that was sent probes before, in and after the one outage there was, and whose probes have all arrived or are lost.
    ///
    /// - Parameter outage: from when to when it lasted at most, on the trace's clock.
    public init(_ trace: FlowTrace, of outage: ClosedRange<Int64>) {
        let periods = trace.lossPeriods
        lost = trace.lost
        unsent = trace.unsent
        lossPeriods = periods.count
        frameLoss = trace.duration(ofProbes: trace.lost)
        irregularity = trace.irregularity(around: [outage.lowerBound, outage.upperBound])
        guard let first = periods.first, let last = periods.last else {
            timestamp = 0
            return
        }
        timestamp = trace.interruption(from: trace.lastArrived(before: first), to: trace.firstArrived(after: last))
    }
}

extension FlowTrace {
    /// How much the delays against an even schedule differ among the probes due within one interval of these instants, in nanoseconds.
    fileprivate func irregularity(around instants: [Int64]) -> Int64 {
        var (least, most) = (Int64.max, Int64.min)
        for sequence in recorded {
            guard let sent = sendTime(sequence: sequence) else { continue }
            let due = duration(ofProbes: sequence)
            guard instants.contains(where: { abs(due - $0) <= interval }) else { continue }
            least = min(least, sent - due)
            most = max(most, sent - due)
        }
        return least <= most ? most - least : 0
    }
}

/// What a calibration found, as the agent hands it over.
public struct CalibrationResult: Codable, Sendable, Equatable {
    /// How the link was taken down.
    public enum Means: String, Codable, Sendable {
        /// A netem that loses everything, as rehearsals cut links: `tc qdisc change`.
        case netem
        /// The sender's interface is taken down and up, where the kernel has no netem: `ip link set`.
        case linkState = "link-state"
    }

    /// CLOCK_BOOTTIME at the first probe's turn, in nanoseconds.
    public var startUptime: Int64
    public var kernelRelease: String
    public var means: Means
    public var trials: [CalibrationTrial]

    public init(startUptime: Int64, kernelRelease: String, means: Means, trials: [CalibrationTrial]) {
        self.startUptime = startUptime
        self.kernelRelease = kernelRelease
        self.means = means
        self.trials = trials
    }
}
