import LinuxKernel
import Measurement

/// What happened in the lab, in order. Times are kept as the clock had them and told from the measured part's start.
package final class Timeline {
    private var entries: [TimelineEvent] = []
    /// Called with each event as it happens; its time is that of CLOCK_MONOTONIC.
    package var listener: ((TimelineEvent) -> Void)?
    /// The lab's own listener, in the same way.
    var follower: ((TimelineEvent) -> Void)?
    /// How many events are kept; the oldest are forgotten.
    var capacity = Int.max

    func record(_ kind: String, _ subject: String, detail: String? = nil, at time: Int64 = SystemClock.monotonic.nanoseconds) {
        let event = TimelineEvent(at: time, kind: kind, subject: subject, detail: detail)
        entries.append(event)
        if entries.count > capacity { entries.removeFirst(entries.count - capacity / 2) }
        listener?(event)
        follower?(event)
    }

    /// The events from the measured part on, timed from its start; those before it have negative times and are left out.
    func events(since start: Int64) -> [TimelineEvent] {
        entries.filter { $0.at >= start }.map { TimelineEvent(at: $0.at - start, kind: $0.kind, subject: $0.subject, detail: $0.detail) }
    }
}
