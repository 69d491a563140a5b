import LabPlan
import Testing

@testable import KeyExchange

/// Resets by an end's operator, and the peer's DELETE.
@Suite struct TunnelResetTests {
    typealias Mode = ConnectionPlan.Mode
    typealias Side = TunnelLab.Side

    struct Example: Sendable, CustomTestStringConvertible {
        var reset: Side
        var gateway: Mode
        var site: Mode
        /// Who begins anew.
        var beginner: Side
        /// From the reset until both are up, in milliseconds.
        var duration: Int
        var testDescription: String { "\(reset) resets, \(gateway) and \(site)" }
    }

    @Test(arguments: [
        Example(reset: .gateway, gateway: .default, site: .default, beginner: .gateway, duration: 40),
        Example(reset: .gateway, gateway: .default, site: .responderOnly, beginner: .gateway, duration: 40),
        Example(reset: .gateway, gateway: .initiatorOnly, site: .default, beginner: .gateway, duration: 40),
        Example(reset: .gateway, gateway: .responderOnly, site: .default, beginner: .site, duration: 2_050),
        Example(reset: .gateway, gateway: .responderOnly, site: .initiatorOnly, beginner: .site, duration: 50),
        Example(reset: .site, gateway: .default, site: .default, beginner: .gateway, duration: 50),
        Example(reset: .site, gateway: .default, site: .responderOnly, beginner: .gateway, duration: 50),
        Example(reset: .site, gateway: .initiatorOnly, site: .responderOnly, beginner: .gateway, duration: 50),
        Example(reset: .site, gateway: .responderOnly, site: .default, beginner: .site, duration: 2_040),
        Example(reset: .site, gateway: .responderOnly, site: .initiatorOnly, beginner: .site, duration: 40),
    ])
    func resets(_ example: Example) throws {
        var lab = TunnelLab(siteSettings: .site(example.site), gatewaySettings: .gateway(example.gateway))
        lab.startBoth()
        lab.run(until: .seconds(10))
        let old = lab[.site].current
        lab.input(example.reset, .reset)
        #expect(lab[example.reset].current == nil)
        #expect(lab.kernels[example.reset.rawValue].inbound.isEmpty && lab.kernels[example.reset.rawValue].outbound.isEmpty)
        lab.run(until: .seconds(20))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab[.site].current?.initiatorSPI != old?.initiatorSPI)
        #expect(lab.times(of: nil, \.isEstablished).last == .milliseconds(10_000 + example.duration))
        #expect(lab.times(of: example.beginner) { $0 == .exchangeStarted }.contains { $0 >= .seconds(10) })
        #expect(lab.times(of: example.reset.peer) { $0 == .deletedByPeer } == [.milliseconds(10_010)])
        #expect(lab.times(of: example.reset) { $0 == .deletedByPeer } == [])
        // Once, and answered.
        let deletions = lab.requests(.informational)
        #expect(deletions.count == 1)
        #expect(try IKEMessage(decoding: try #require(deletions.first).bytes).deletions == [.ikeSA])
        #expect(lab.sent.filter { $0.message.header.exchange == .informational && $0.message.header.isResponse }.count == 1)
        #expect(lab.faults == [])
    }

    @Test(arguments: Side.allCases) func aLostDeletionIsMadeUpForByTheNewExchange(side: Side) {
        var lab = TunnelLab { _, message, _ in message.deletions.isEmpty ? [.milliseconds(10)] : [] }
        lab.startBoth()
        lab.run(until: .seconds(10))
        lab.input(side, .reset)
        lab.run(until: .seconds(20))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    /// Without dead peer detection nobody would ever notice.
    @Test func aLostDeletionOfAResponderIsFoundOut() {
        var lab = TunnelLab(siteSettings: .site(.initiatorOnly, .standard), gatewaySettings: .gateway(.responderOnly)) {
            _, message, _ in message.deletions.isEmpty ? [.milliseconds(10)] : []
        }
        lab.startBoth()
        lab.run(until: .seconds(10))
        lab.input(.gateway, .reset)
        lab.run(until: .seconds(45))
        #expect(lab[.gateway].state == .waiting && lab[.site].current != nil)
        lab.run(until: .seconds(46))
        #expect(lab.isUp)
    }

    @Test(arguments: Side.allCases) func whatIsClosedTellsItsPeerOnceAndStaysAway(side: Side) {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(10))
        lab.input(side, .close)
        #expect(lab[side].state == .idle)
        #expect(lab.kernels[side.rawValue].inbound.isEmpty && lab.kernels[side.rawValue].outbound.isEmpty)
        lab.run(until: .seconds(30))
        #expect(lab.times(of: side.peer) { $0 == .deletedByPeer } == [.milliseconds(10_010)])
        #expect(lab[side].state == .idle && lab[side.peer].current == nil)
        #expect(lab.requests(.informational).count == 1)
        lab.input(side, .start)
        lab.run(until: .seconds(120))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    @Test func resetsOnBothSidesAtOnce() {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(10))
        lab.input(.gateway, .reset)
        lab.input(.site, .reset)
        lab.run(until: .seconds(20))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    @Test(arguments: [5, 15, 25, 35]) func aResetDuringTheExchange(time: Int) {
        for side in Side.allCases {
            var lab = TunnelLab()
            lab.startBoth()
            lab.run(until: .milliseconds(time))
            lab.input(side, .reset)
            lab.run(until: .seconds(60))
            #expect(lab.isUp && lab.hasOnePair)
            #expect(lab.faults == [])
        }
    }

    /// The DELETE goes out although a question is not yet answered, and is understood.
    @Test func aResetDoesNotWaitForAnAnswer() {
        var lab = TunnelLab(siteSettings: .site(.responderOnly, .standard), gatewaySettings: .gateway()) { side, message, _ in
            // Questions are lost.
            message.header.exchange == .informational && message.payloads.isEmpty ? [] : [.milliseconds(10)]
        }
        lab.startBoth()
        lab.run(until: .seconds(20))
        #expect(lab.requests(.informational, by: .site).count == 1)
        lab.input(.site, .reset)
        lab.run(until: .seconds(21))
        #expect(lab.times(of: .gateway) { $0 == .deletedByPeer } == [.milliseconds(20_010)])
        #expect(lab.isUp && lab.hasOnePair)
    }

    @Test func aDeletionOfAnotherIKESAIsIgnored() throws {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(10))
        let child = try #require(lab[.site].current)
        for (spi, isFromInitiator, messageID) in [
            (child.responderSPI.rawValue ^ 1, true, UInt32(2)), (child.responderSPI.rawValue, false, 2),
            (child.responderSPI.rawValue, true, 1),
        ] {
            let header = IKEHeader(
                initiatorSPI: child.initiatorSPI, responderSPI: IKESPI(rawValue: spi), exchange: .informational,
                isFromInitiator: isFromInitiator, isResponse: false, messageID: messageID)
            let bytes = try IKEMessage(header: header, payloads: [.delete(.ikeSA)]).encoded()
            lab.input(.site, .datagram(bytes, from: .gateway))
        }
        #expect(lab[.site].current == child)
        lab.run(until: .seconds(11))
        #expect(lab.isUp)
    }

    /// The sizes of what is sent after IKE_AUTH.
    @Test func theSizesOfTheMessages() {
        var lab = TunnelLab(siteSettings: .site(.default, .standard))
        lab.startBoth()
        lab.run(until: .seconds(20))
        // Header alone; header and DELETE.
        #expect(lab.sent.suffix(2).map(\.bytes.count) == [28, 28])
        lab.input(.site, .reset)
        #expect(lab.sent.last?.bytes.count == 36)
    }

    @Test func forgettingIsSilent() {
        var lab = TunnelLab(siteSettings: .site(.default, .standard), gatewaySettings: .gateway(.default, .standard))
        for time in [0, 5, 15, 25, 35, 1_000] {
            lab = TunnelLab(siteSettings: .site(.default, .standard), gatewaySettings: .gateway(.default, .standard))
            lab.startBoth()
            lab.run(until: .milliseconds(time))
            for side in Side.allCases { lab.input(side, .forget) }
            #expect(lab[.site].state == .idle && lab[.gateway].state == .idle)
            let count = lab.sent.count
            lab.run(until: .seconds(100))
            #expect(lab.sent.count == count)
            #expect(lab.isSettled)
            #expect(lab.faults == [])
        }
    }
}
