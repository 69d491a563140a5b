import EventLoop
import LinuxKernel
import Measurement

/// What happened in the lab, in order. Times are kept as the clock had them and told from the measured part's start.
package final class Timeline {
    private struct Entry {
        let at: Int64
        let kind: String
        let subject: String
        let detail: String?
    }

    private var entries: [Entry] = []
    /// Called with each event as it happens; its time is that of CLOCK_MONOTONIC.
    package var listener: ((TimelineEvent) -> Void)?

    func record(_ kind: String, _ subject: String, detail: String? = nil, at time: Int64 = SystemClock.monotonic.nanoseconds) {
        entries.append(Entry(at: time, kind: kind, subject: subject, detail: detail))
        listener?(TimelineEvent(at: time, kind: kind, subject: subject, detail: detail))
    }

    /// The events from the measured part on, timed from its start; those before it have negative times and are left out.
    func events(since start: Int64) -> [TimelineEvent] {
        entries.filter { $0.at >= start }.map { TimelineEvent(at: $0.at - start, kind: $0.kind, subject: $0.subject, detail: $0.detail) }
    }
}
