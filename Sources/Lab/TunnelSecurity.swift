import Addressing
import KeyExchange
import LabPlan
import XFRM

/// A tunnel's policies and SAs as the kernel takes them, at either of its ends.
package struct TunnelSecurity {
    let plan: ConnectionPlan
    /// Which of the connection's tunnels: at a site with several, the one that traffic leaves by.
    let tunnel: Int
    let side: ConnectionEnd.Side

    package init(plan: ConnectionPlan, tunnel: Int = 0, side: ConnectionEnd.Side) {
        self.plan = plan
        self.tunnel = tunnel
        self.side = side
    }

    private var local: IPAddress { side == .site ? plan.siteAddress : plan.tunnels[tunnel].gatewayAddress }
    private var remote: IPAddress { side == .site ? plan.tunnels[tunnel].gatewayAddressAtSite : plan.tunnels[tunnel].siteAddressAtGateway }
    private var own: ConnectionPlan.Side { side == .site ? plan.siteSide : plan.gatewaySide }

    /// Traffic of every pair of prefixes must be inside the tunnel, whether this node forwards it or is its end. With no SA installed they
    /// block: the kernel finds none for the template and drops the packet (XfrmOutNoStates, XfrmInTmplMismatch).
    ///
    /// Where a site has several tunnels, what comes may come by any of them: the template names no source then, which matches every one
    /// (`__xfrm4_state_addr_cmp`), and the request ID holds it to this connection's SAs.
    package var policies: [SecurityPolicy] {
        own.selectors.flatMap { selectors in
            let near = side == .site ? selectors.site : selectors.gateway
            let far = side == .site ? selectors.gateway : selectors.site
            // The plan's selectors are pairs of one family.
            guard let leaving = XFRM.TrafficSelector(source: near, destination: far),
                let coming = XFRM.TrafficSelector(source: far, destination: near)
            else { return [SecurityPolicy]() }
            let hasChoice = side == .site && plan.tunnels.count > 1
            let source = hasChoice ? IPAddress(family: remote.family, value: 0) : remote
            let out = SecurityPolicy.Template(source: local, destination: remote, requestID: plan.requestID)
            let `in` = SecurityPolicy.Template(source: source, destination: local, requestID: plan.requestID)
            return [
                SecurityPolicy(direction: .outbound, selector: leaving, priority: Self.priority, templates: [out]),
                SecurityPolicy(direction: .inbound, selector: coming, priority: Self.priority, templates: [`in`]),
                SecurityPolicy(direction: .forwarded, selector: coming, priority: Self.priority, templates: [`in`]),
            ]
        }
    }

    /// The gateway's policies that let nothing pass between two prefixes: what it does not protect any more must not leave it in the clear.
    static func withholding(_ selectors: ConnectionPlan.Selectors) -> [SecurityPolicy] {
        guard let leaving = XFRM.TrafficSelector(source: selectors.gateway, destination: selectors.site),
            let coming = XFRM.TrafficSelector(source: selectors.site, destination: selectors.gateway)
        else { return [] }
        return [(SecurityPolicy.Direction.outbound, leaving), (.inbound, coming), (.forwarded, coming)].map {
            SecurityPolicy(direction: $0, selector: $1, priority: priority, action: .block, templates: [])
        }
    }

    /// Both SAs of a completed exchange, the inbound one first.
    func associations(_ child: NegotiatedChild) throws -> [SecurityAssociation] {
        [
            try association(from: remote, to: local, child.inbound, policy: child.connection.policy),
            try association(from: local, to: remote, child.outbound, policy: child.connection.policy),
        ]
    }

    private func association(
        from source: IPAddress, to destination: IPAddress, _ direction: NegotiatedChild.Direction, policy: IPsecPolicy
    ) throws -> SecurityAssociation {
        let suite = ESPSuite(policy)
        let material = XFRM.KeyMaterial(direction.keys.encryption.secretBytes + (direction.keys.integrity?.secretBytes ?? []))
        guard let transform = suite.transform(keyMaterial: material) else {
            throw LabError("\(plan.name): the key exchange gave \(material.count) bytes of keys for \(suite)")
        }
        return SecurityAssociation(
            source: source, destination: destination, spi: SPI(rawValue: direction.spi.rawValue), requestID: plan.requestID,
            transform: transform, replayWindow: Self.replayWindow,
            lifetime: lifetime(policy))
    }

    /// The soft limit leaves time for rekeying. The two sides' limits differ, so that with equal lifetimes the gateway is the one that begins.
    private func lifetime(_ policy: IPsecPolicy) -> Lifetime {
        let share = side == .gateway ? 0.90 : 0.95
        let bytes = policy.lifetimeKilobytes * 1_024
        return Lifetime(
            soft: .init(age: policy.lifetime * share, bytes: UInt64(Double(bytes) * share)),
            hard: .init(age: policy.lifetime, bytes: bytes))
    }

    /// One for all: prefixes do not overlap, so no two policies match one packet.
    private static let priority: UInt32 = 1_000
    /// In packets; RFC 4303 §3.4.3 asks for 32 at least and prefers 64. Reordering by jitter must not look like replay.
    private static let replayWindow: UInt32 = 128
}

extension ESPSuite {
    init(_ policy: IPsecPolicy) {
        let key: AESKey =
            switch policy.encryption {
            case .aes128, .gcmAES128: .bits128
            case .aes192, .gcmAES192: .bits192
            case .aes256, .gcmAES256: .bits256
            }
        self = policy.encryption.isAEAD ? .gcm(key) : .cbc(key, policy.integrity == .sha1 ? .sha1 : .sha256)
    }
}

/// Something in the lab that is not as it must be, without a system call to blame.
struct LabError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
