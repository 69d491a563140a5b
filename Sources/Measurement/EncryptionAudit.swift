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

    public let flows: [FlowCount]
    /// Probes seen in clear on the internet.
    public let clearText: UInt64
    public let verdict: Verdict
    /// Why the verdict is not `encrypted`: a sentence a finding.
    public let reasons: [String]

    public init(flows: [FlowCount], clearText: UInt64) {
        self.flows = flows
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
            if flow.sealed > flow.sent {
                unproven.append("\(name): \(flow.sealed) packets were sealed for \(flow.sent) probes sent")
            }
        }
        if !flows.contains(where: { $0.arrived > 0 }) { unproven.append("no probe arrived") }
        verdict = !clear.isEmpty ? .clear : !unproven.isEmpty ? .unproven : .encrypted
        reasons = clear + unproven
    }
}
