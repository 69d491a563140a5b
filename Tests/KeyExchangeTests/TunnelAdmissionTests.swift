import LabPlan
import Testing

@testable import KeyExchange

/// A gateway's end whose exchange has to wait for others.
@Suite struct TunnelAdmissionTests {
    /// The gateway's end is without room from the start on.
    private static func full(site: TunnelEnd.Settings = .site(.responderOnly)) -> TunnelLab {
        var lab = TunnelLab(siteSettings: site, gatewaySettings: .gateway())
        lab.withoutRoom = [.gateway]
        lab.startBoth()
        return lab
    }

    @Test("Without room nothing is sent; the end says once that it waits, and is counted as waiting, not as exchanging")
    func waiting() {
        var lab = Self.full()
        lab.run(until: .seconds(60))
        #expect(lab.sent.isEmpty)
        #expect(lab.events(.gateway) == [.exchangeQueued])
        #expect(lab[.gateway].isAwaitingAdmission)
        #expect(!lab[.gateway].isExchanging)
        #expect(lab[.gateway].state == .negotiating)
    }

    @Test("Admitted, it begins at once and comes up as ever")
    func admitted() {
        var lab = Self.full()
        lab.at(.seconds(7)) {
            $0.withoutRoom = []
            $0.input(.gateway, .admitted)
        }
        lab.run(until: .seconds(10))
        #expect(lab.isUp)
        #expect(lab.times(of: .gateway) { $0 == .exchangeStarted } == [.seconds(7)])
        #expect(lab.times(of: .gateway, \.isEstablished) == [.seconds(7) + .milliseconds(40)])
        #expect(!lab[.gateway].isAwaitingAdmission)
        #expect(lab.faults == [])
    }

    @Test("What the peer begins is answered, and takes the end out of the line")
    func peerBegins() {
        var lab = Self.full(site: .site())
        lab.run(until: .seconds(10))
        #expect(lab.isUp)
        #expect(lab.times(of: .site) { $0 == .exchangeStarted } == [.seconds(2)])
        #expect(!lab[.gateway].isAwaitingAdmission)
        lab.input(.gateway, .admitted)
        #expect(lab.times(of: .gateway) { $0 == .exchangeStarted } == [])
        #expect(lab.faults == [])
    }

    @Test("An exchange goes forward from its beginning to its end, also one that the peer began")
    func exchanging() {
        var lab = TunnelLab(siteSettings: .site(.responderOnly), gatewaySettings: .gateway())
        lab.startBoth()
        #expect(lab[.gateway].isExchanging)
        lab.run(until: .milliseconds(15))
        #expect(lab[.site].isExchanging)
        lab.run(until: .milliseconds(45))
        #expect(!lab[.gateway].isExchanging && !lab[.site].isExchanging)
    }

    @Test("A peer that is away takes nobody's turn: a request that had to be repeated does not go forward until it is answered")
    func peerAway() {
        var lab = TunnelLab(
            siteSettings: .site(.responderOnly), gatewaySettings: .gateway(), fate: { _, _, _ in [] })
        lab.startBoth()
        lab.run(until: .milliseconds(999))
        #expect(lab[.gateway].isExchanging)
        lab.run(until: .milliseconds(1_001))
        #expect(!lab[.gateway].isExchanging)
        #expect(!lab[.gateway].isAwaitingAdmission)
        lab.fate = { _, _, _ in [.milliseconds(10)] }
        lab.run(until: .seconds(60))
        #expect(lab.isUp)
    }

    @Test("A reset while there is no room has the end wait again, and forgotten it waits for nothing")
    func resetAndForget() {
        var lab = TunnelLab(siteSettings: .site(.responderOnly), gatewaySettings: .gateway())
        lab.startBoth()
        lab.run(until: .seconds(1))
        lab.withoutRoom = [.gateway]
        lab.input(.gateway, .reset)
        #expect(lab[.gateway].isAwaitingAdmission)
        lab.input(.gateway, .forget)
        #expect(!lab[.gateway].isAwaitingAdmission)
        lab.withoutRoom = []
        lab.input(.gateway, .admitted)
        #expect(lab[.gateway].state == .idle)
    }
}
