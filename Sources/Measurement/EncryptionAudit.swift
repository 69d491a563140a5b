/// The proof that the probes crossed the internet encrypted: the packet counts of the security associations at both ends against the probes.
///
/// Along a flow, counts can only fall: probes sent ≥ packets sealed at the sending end ≥ packets opened at the receiving end ≥ probes that
/// arrived. A probe that arrived without having been opened, or that was seen in clear, was not protected.
public struct EncryptionAudit: Codable, Sendable, Equatable {
    public enum Verdict: String, Codable, Sendable {
        /// Every probe that arrived was sealed and opened.
        case encrypted
        /// Probes were seen in clear, or arrived unopened.
        case clear
        /// The counts contradict each other, or there is nothing to judge by.
        case unproven
    }

    /// One flow's counts. Those of security associations include the ones that were replaced or flushed.
    public struct FlowCount: Codable, Sendable, Equatable {
        public var connection: String
        public var direction: FlowDirection
        /// Probes that entered the network.
        public var sent: UInt64
        /// Packets that outbound security associations of the sending end sealed (`xfrm_lifetime_cur.packets`).
        public var sealed: UInt64
        /// Packets that inbound security associations of the receiving end opened.
        public var opened: UInt64
        /// Probes that arrived, duplicates included.
        public var arrived: UInt64

        public init(connection: String, direction: FlowDirection, sent: UInt64, sealed: UInt64, opened: UInt64, arrived: UInt64) {
            self.connection = connection
            self.direction = direction
            self.sent = sent
            self.sealed = sealed
            self.opened = opened
            self.arrived = arrived
        }
    }

    /// What the applications' TCP sent and received, of all connections together. They use the same security associations as the probes.
    public struct SegmentCount: Codable, Sendable, Equatable {
        public var direction: FlowDirection
        /// At least as many as left the sending end.
        public var sent: UInt64
        /// At most as many as came to the receiving end.
        public var arrived: UInt64

        public init(direction: FlowDirection, sent: UInt64, arrived: UInt64) {
            self.direction = direction
            self.sent = sent
            self.arrived = arrived
        }
    }

    public let flows: [FlowCount]
    /// Of each direction; nil where no applications ran.
    public let segments: [SegmentCount]?
    /// Probes, and segments of applications, seen in clear on the internet.
    public let clearText: UInt64
    public let verdict: Verdict
    /// Why the verdict is not `encrypted`: a sentence a finding.
    public let reasons: [String]

    public init(flows: [FlowCount], segments: [SegmentCount]? = nil, clearText: UInt64) {
        self.flows = flows
        self.segments = segments
        self.clearText = clearText

        var clear: [String] = []
        var unproven: [String] = []
        if clearText > 0 { clear.append("probes seen in clear on the internet: \(clearText)") }
        for flow in flows {
            let name = "\(flow.connection), \(flow.direction.rawValue)"
            if flow.arrived > flow.opened {
                clear.append("\(name): \(flow.arrived) probes arrived, but only \(flow.opened) packets were opened")
            }
            if flow.opened > flow.sealed {
                unproven.append("\(name): \(flow.opened) packets were opened, but only \(flow.sealed) sealed")
            }
            // Where applications run, whose packets they were is not known: then all flows together are looked at, below.
            if segments == nil, flow.sealed > flow.sent {
                unproven.append("\(name): \(flow.sealed) packets were sealed for \(flow.sent) probes sent")
            }
        }
        for count in segments ?? [] {
            let flows = flows.filter { $0.direction == count.direction }
            func sum(_ value: (FlowCount) -> UInt64) -> UInt64 { flows.reduce(0) { $0 + value($1) } }
            let (arrived, opened) = (sum(\.arrived) + count.arrived, sum(\.opened))
            if arrived > opened {
                clear.append(
                    "\(count.direction.rawValue): \(arrived) probes and TCP segments arrived, but only \(opened) packets were opened")
            }
            let (sent, sealed) = (sum(\.sent) + count.sent, sum(\.sealed))
            if sealed > sent {
                unproven.append("\(count.direction.rawValue): \(sealed) packets were sealed for \(sent) probes and TCP segments sent")
            }
        }
        if !flows.contains(where: { $0.arrived > 0 }) { unproven.append("no probe arrived") }
        verdict = !clear.isEmpty ? .clear : !unproven.isEmpty ? .unproven : .encrypted
        reasons = clear + unproven
    }
}
