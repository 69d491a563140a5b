/// What one disruption of one flow consisted of: the moments of the failover, from what caused it to a recovery that held.
public struct Breakdown: Codable, Sendable, Equatable {
    /// Moments in the course of an outage, in the order in which they come about in a gateway reset.
    public enum Moment: String, Codable, Sendable, CaseIterable {
        /// The action was asked for.
        case trigger
        /// The instance, or the link, stopped to carry anything.
        case activeDown = "active-down"
        /// The first lost probe was sent.
        case firstLoss = "first-loss"
        /// The gateway's other instance noticed.
        case detected
        /// An instance had the virtual address, or the next hops came back to theirs.
        case addressMoved = "address-moved"
        /// The flow's next hop before the gateway had the address's new link-layer address in its table.
        case neighbourUpdated = "neighbour-updated"
        /// The site, or the gateway, noticed that its peer is dead.
        case peerDead = "peer-dead"
        /// As many exchanges as the gateway bounds them to were under way: the connection's waited for its turn.
        case exchangeQueued = "exchange-queued"
        case keyExchangeStarted = "key-exchange-started"
        /// The site's kernel had the new security associations.
        case siteInstalled = "site-installed"
        /// The gateway's kernel had them.
        case gatewayInstalled = "gateway-installed"
        case keyExchangeDone = "key-exchange-done"
        /// The site sent its traffic by another of its tunnels.
        case trafficMoved = "traffic-moved"
        /// The first probe after the last lost one arrived.
        case firstArrival = "first-arrival"
        /// Recovery had held for the longer of 5 s and 5 probes (RFC 6412, sustained convergence validation time).
        case sustained
    }

    /// Who knows.
    public enum Source: String, Codable, Sendable {
        /// The kernel's own notification (rtnetlink, XFRM).
        case kernel
        /// The lab, which did it.
        case lab
        /// The probes.
        case probes
    }

    public struct Mark: Codable, Sendable, Equatable {
        public var moment: Moment
        /// Nanoseconds since the measured part's start.
        public var at: Int64
        public var source: Source

        public init(moment: Moment, at: Int64, source: Source) {
            self.moment = moment
            self.at = at
            self.source = source
        }
    }

    /// The kind of the event that brought it about; nil where none did.
    public var trigger: String?
    /// In order of time. Moments that did not come about are left out: a link that was cut has no key exchange.
    public var marks: [Mark]

    public init(trigger: String?, marks: [Mark]) {
        self.trigger = trigger
        self.marks = marks
    }

    public subscript(moment: Moment) -> Int64? { marks.first { $0.moment == moment }?.at }
}

extension Breakdown {
    /// What belongs to a flow, so that the events that concern it can be told from the others.
    public struct Subject: Sendable {
        /// The flow's connection.
        public var connection: String
        /// The node before the gateway on the flow's way: the internet, or the virtual network.
        public var nextHop: String
        /// The links that it crosses.
        public var links: Set<String>

        public init(connection: String, nextHop: String, links: Set<String>) {
            self.connection = connection
            self.nextHop = nextHop
            self.links = links
        }
    }

    /// The moments of one disruption.
    ///
    /// Of a moment that came about several times before the recovery (a second reset, an exchange begun anew), the last is the one that led
    /// to it; of what caused the disruption, the first is meant.
    ///
    /// - Parameters:
    ///   - record: what happened meanwhile.
    ///   - slack: how long before the first lost probe's sending its cause may lie ahead of it, in nanoseconds: a probe that was under way
    ///     when the instance went down was sent before.
    public init(of disruption: Disruption, subject: Subject, in record: Record, slack: Int64) {
        let (events, notices) = (record.events(for: subject), record.notices(for: subject))
        let triggers = events.filter { Self.triggers.contains($0.kind) }
        let end = disruption.recovery ?? .max
        let trigger = triggers.last { $0.at <= min(disruption.start + slack, end) }
        let course = (trigger?.at ?? disruption.start)...end
        func first(_ kinds: Set<String>) -> Int64? {
            events.first { kinds.contains($0.kind) && course.contains($0.at) }?.at
        }
        func last(_ kinds: Set<String>) -> Int64? {
            events.last { kinds.contains($0.kind) && course.contains($0.at) }?.at
        }
        func last(_ notice: KernelNotice, _ name: String) -> Int64? {
            notices.last { $0.kind == notice.rawValue && course.contains($0.at) && $0.subject == name }?.at
        }
        let found: [(Moment, Int64?, Source)] = [
            (.trigger, trigger?.at, .lab), (.activeDown, first(["active-down", "link-cut"]), .lab),
            (.firstLoss, disruption.start, .probes), (.detected, last(["failure-detected"]), .lab),
            (.addressMoved, last(["standby-took-addresses", "next-hops-returned"]), .lab),
            (.neighbourUpdated, last(.neighbourUpdated, subject.nextHop), .kernel), (.peerDead, last(["peer-dead"]), .lab),
            (.exchangeQueued, last(["key-exchange-queued"]), .lab), (.keyExchangeStarted, last(["key-exchange-started"]), .lab),
            (.siteInstalled, last(.siteAssociationAdded, subject.connection), .kernel),
            (.gatewayInstalled, last(.gatewayAssociationAdded, subject.connection), .kernel),
            (.keyExchangeDone, last(["key-exchange-completed"]), .lab), (.trafficMoved, last(["traffic-moved"]), .lab),
            (.firstArrival, disruption.recovery, .probes),
            (.sustained, disruption.sustained, .probes),
        ]
        // A stable order: moments of one instant stay as they come about.
        let marks = found.enumerated().compactMap { index, entry in entry.1.map { (index, Mark(moment: entry.0, at: $0, source: entry.2)) }
        }
        self.init(
            trigger: trigger?.kind,
            marks: marks.sorted { ($0.1.at, $0.0) < ($1.1.at, $1.0) }.map(\.1))
    }

    /// The kinds of events with which something is done to a lab.
    public static let triggers: Set<String> = [
        "reset-requested", "maintenance-started", "instance-failed", "connection-reset-requested", "link-cut", "link-impaired",
    ]
}
