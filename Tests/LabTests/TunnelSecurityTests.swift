import Addressing
import LabPlan
import Testing
import XFRM

@testable import Lab

/// The policies of both ends of one connection.
@Suite struct TunnelSecurityTests {
    private let plan: ConnectionPlan

    init() throws {
        let side = ConnectionPlan.Side(
            preSharedKey: PreSharedKey(secret: Array("key".utf8)), policy: .routeBasedDefault,
            selectors: [
                .init(site: try #require(IPPrefix("10.20.0.0/16")), gateway: try #require(IPPrefix("10.1.0.0/16"))),
                .init(site: try #require(IPPrefix("2001:db8:2::/48")), gateway: try #require(IPPrefix("2001:db8:1::/48"))),
            ])
        let (site, gateway) = (try #require(IPAddress("198.51.100.10")), try #require(IPAddress("203.0.113.10")))
        plan = ConnectionPlan(
            name: "to-office", site: 3, siteInterface: "wan", siteAddress: site, siteSide: side, gatewaySide: side,
            tunnels: [.init(gatewayAddress: gateway, gatewayAddressAtSite: gateway, siteAddressAtGateway: site)], requestID: 7,
            probes: .init(site: try #require(IPAddress("10.20.0.1")), gateway: try #require(IPAddress("10.1.0.4"))))
    }

    @Test func everySelectorIsProtectedInEveryDirection() {
        for side in [TunnelSecurity(plan: plan, side: .site), TunnelSecurity(plan: plan, side: .gateway)] {
            #expect(side.policies.count == 6)
            for direction in SecurityPolicy.Direction.allCases {
                #expect(side.policies.filter { $0.direction == direction }.count == 2)
            }
        }
    }

    /// What leaves one end comes to the other, by the same template.
    @Test func endsMirrorEachOther() {
        let (site, gateway) = (TunnelSecurity(plan: plan, side: .site), TunnelSecurity(plan: plan, side: .gateway))
        for (near, far) in [(site, gateway), (gateway, site)] {
            for leaving in near.policies where leaving.direction == .outbound {
                for direction in [SecurityPolicy.Direction.inbound, .forwarded] {
                    let coming = far.policies.first { $0.direction == direction && $0.selector == leaving.selector }
                    #expect(coming?.templates == leaving.templates)
                }
            }
        }
    }

    @Test func outboundTemplateLeadsFromTheNearEndToTheFar() throws {
        let policy = try #require(TunnelSecurity(plan: plan, side: .site).policies.first { $0.direction == .outbound })
        let template = try #require(policy.templates.first)
        #expect(template.source == plan.siteAddress)
        #expect(template.destination == plan.tunnels[0].gatewayAddress)
        #expect(template.requestID == 7)
        #expect(template.mode == .tunnel)
        // Without an SA nothing passes.
        #expect(!template.isOptional)
        #expect(policy.action == .allow)
    }

    @Test(arguments: IPsecPolicy.Encryption.allCases) func suiteFollowsTheNegotiatedCipher(encryption: IPsecPolicy.Encryption) throws {
        var policy = IPsecPolicy.routeBasedDefault
        policy.encryption = encryption
        policy.integrity = encryption.isAEAD ? try #require(.init(rawValue: encryption.rawValue)) : .sha1
        let bits: ESPSuite.AESKey =
            encryption.rawValue.hasSuffix("128") ? .bits128 : encryption.rawValue.hasSuffix("192") ? .bits192 : .bits256
        #expect(ESPSuite(policy) == (encryption.isAEAD ? .gcm(bits) : .cbc(bits, .sha1)))
    }
}
