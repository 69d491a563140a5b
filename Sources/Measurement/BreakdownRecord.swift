extension Breakdown {
    /// What happened in a lab, sorted by whom it concerns: a large lab has thousands of flows and of events, and to search all for each takes
    /// minutes.
    public struct Record: Sendable {
        private struct Entry {
            let order: Int
            let event: TimelineEvent
        }

        /// Those that concern everyone.
        private var common: [Entry] = []
        private var ofConnections: [String: [Entry]] = [:]
        private var ofLinks: [String: [Entry]] = [:]
        /// By subject.
        private var notices: [String: [Entry]] = [:]

        /// - Parameters:
        ///   - events: the lab's, in order of time.
        ///   - notices: the kernel's (`KernelNotice`), in order of time.
        public init(events: [TimelineEvent], notices: [TimelineEvent]) {
            for (order, event) in events.enumerated() {
                let entry = Entry(order: order, event: event)
                switch event.kind {
                case "connection-reset-requested", "peer-dead", "key-exchange-queued", "key-exchange-started", "key-exchange-completed",
                    "traffic-moved":
                    ofConnections[event.subject, default: []].append(entry)
                case "link-cut", "link-impaired": ofLinks[event.subject, default: []].append(entry)
                case "reset-requested", "maintenance-started", "instance-failed", "active-down", "failure-detected",
                    "standby-took-addresses", "next-hops-returned":
                    common.append(entry)
                // No moment of an outage.
                default: break
                }
            }
            for (order, notice) in notices.enumerated() {
                self.notices[notice.subject, default: []].append(Entry(order: order, event: notice))
            }
        }

        /// The events that concern a flow, in order of time.
        func events(for subject: Subject) -> [TimelineEvent] {
            let own = ofConnections[subject.connection, default: []] + subject.links.flatMap { ofLinks[$0, default: []] }
            return (common + own).sorted { $0.order < $1.order }.map(\.event)
        }

        /// The notices of a flow's connection and next hop, in order of time.
        func notices(for subject: Subject) -> [TimelineEvent] {
            Set([subject.connection, subject.nextHop]).flatMap { notices[$0, default: []] }.sorted { $0.order < $1.order }.map(\.event)
        }
    }
}
