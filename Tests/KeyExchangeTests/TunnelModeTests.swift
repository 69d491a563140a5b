import Addressing
import LabPlan
import Testing

@testable import KeyExchange

@Suite struct TunnelModeTests {
    typealias Mode = ConnectionPlan.Mode

    /// Who begins when both start at once, and when the tunnel is up, in milliseconds; nil: it never is.
    @Test(
        arguments: [
            (Mode.default, Mode.default, [TunnelLab.Side.gateway], 40), (.default, .initiatorOnly, [.gateway, .site], 40),
            (.default, .responderOnly, [.gateway], 40), (.initiatorOnly, .default, [.gateway], 40),
            (.initiatorOnly, .initiatorOnly, [.gateway, .site], nil), (.initiatorOnly, .responderOnly, [.gateway], 40),
            (.responderOnly, .default, [.site], 2_040), (.responderOnly, .initiatorOnly, [.site], 40),
            (.responderOnly, .responderOnly, [], nil),
        ] as [(Mode, Mode, [TunnelLab.Side], Int?)])
    func whoBegins(gateway: Mode, site: Mode, beginners: [TunnelLab.Side], up: Int?) {
        var lab = TunnelLab(siteSettings: .site(site), gatewaySettings: .gateway(gateway))
        lab.startBoth()
        lab.run(until: .seconds(10))
        #expect(lab.log.filter { $0.event == .exchangeStarted }.map(\.side) == beginners)
        #expect(lab.isUp == (up != nil))
        #expect(lab.isDown == (up == nil))
        #expect(lab.times(of: nil, \.isEstablished).last == up.map { .milliseconds($0) })
        #expect(lab.times(of: nil, \.isEstablished).count == (up == nil ? 0 : 2))
        #expect(lab.faults == [])
    }

    @Test func initiatorOnlyIsDeafToAnInitiator() {
        var lab = TunnelLab(siteSettings: .site(.initiatorOnly), gatewaySettings: .gateway())
        lab.input(.gateway, .start)
        lab.run(until: .seconds(5))
        #expect(lab.sent.allSatisfy { $0.side == .gateway })
        var site = TunnelEnd(connection: .site(), settings: .site(.initiatorOnly))
        var random = SeededRandom(seed: 1, label: "site")
        _ = site.handle(.start, random: &random)
        #expect(site.handle(.datagram(lab.sent[0].bytes, from: .gateway), random: &random) == [])
    }

    /// Which end has the greater address decides, not which is the gateway.
    @Test(arguments: [true, false], [0, 5, 25]) func bothBeginAtOnce(isGatewayGreater: Bool, skew: Int) {
        let other = IPAddress("192.0.2.1")!
        var lab = TunnelLab(
            site: .site { if !isGatewayGreater { $0.remoteAddress = other } },
            gateway: .gateway { if !isGatewayGreater { $0.localAddress = other } }, siteSettings: .gateway())
        lab.input(.site, .start)
        lab.at(.milliseconds(skew)) { $0.input(.gateway, .start) }
        lab.run(until: .seconds(1))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.times(of: nil, \.isEstablished).count == 2)
        // What comes before the start is not heard; then the first one is the later one's.
        if skew < 10 {
            #expect(lab[.gateway].current?.initiatorSPI == lab.initiatorSPI(of: isGatewayGreater ? .gateway : .site))
        }
        #expect(lab.faults == [])
    }

    @Test func aPeerThatHasBegunIsLeftTheWord() {
        var lab = TunnelLab(siteSettings: .site(), gatewaySettings: .gateway(.initiatorOnly)) { side, message, _ in
            // The gateway's IKE_AUTH requests do not arrive.
            side == .gateway && message.header.exchange == .auth ? [] : [.milliseconds(10)]
        }
        lab.startBoth()
        lab.run(until: .seconds(1))
        #expect(lab[.site].state == .negotiating)
        lab.run(until: .seconds(60))
        // From the gateway's latest IKE_SA_INIT, 15.02 s after the first one, the site waited for 30 s, and it begins by itself after that.
        let begun = lab.times(of: .site) { $0 == .exchangeStarted }
        #expect(begun.isEmpty)
        #expect(lab.times(of: .gateway) { $0 == .exchangeStarted } == [0, 15_020, 30_040, 45_060].map { .milliseconds($0) })
    }

    @Test func aPeerThatIsGoneIsNotWaitedForForEver() {
        var lab = TunnelLab()
        lab.at(.milliseconds(15)) { $0.input(.gateway, .forget) }
        lab.startBoth()
        lab.run(until: .seconds(31))
        #expect(lab.times(of: .site) { $0 == .exchangeStarted } == [.milliseconds(30_010)])
    }

    /// The end with the greater address goes on with its own exchange, and yet hears a peer that never gives way.
    @Test func anEndThatBeginsStillAnswers() {
        var lab = TunnelLab(siteSettings: .site(.initiatorOnly), gatewaySettings: .gateway())
        lab.input(.gateway, .start)
        lab.at(.seconds(2)) { $0.input(.site, .start) }
        lab.run(until: .milliseconds(2_040))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.events(.gateway).contains { if case .established(_, initiated: false) = $0 { true } else { false } })
    }

    struct Difference: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var site: ConnectionEnd
        var failure: KeyExchangeFailure
        /// The refusal's time after the start, in milliseconds.
        var time: Int
    }

    @Test(arguments: [
        Difference(
            testDescription: "IKE encryption", site: .site { $0.policy.ikeEncryption = .aes128 }, failure: .noProposalChosen(.saInit),
            time: 20),
        Difference(
            testDescription: "ESP encryption", site: .site { $0.policy.encryption = .gcmAES128 }, failure: .noProposalChosen(.auth),
            time: 40),
        Difference(
            testDescription: "pre-shared key", site: .site { $0.preSharedKey = PreSharedKey(secret: "another".utf8) },
            failure: .authenticationFailed, time: 40),
        Difference(
            testDescription: "prefixes", site: .site { $0.localPrefixes.removeLast() }, failure: .trafficSelectorsUnacceptable, time: 40),
    ])
    func refusalsAreTriedAgainAfterAPause(_ example: Difference) {
        var lab = TunnelLab(
            site: example.site, siteSettings: .site(.responderOnly), gatewaySettings: .gateway())
        lab.startBoth()
        lab.run(until: .seconds(65))
        let failures = lab.log.filter { $0.side == .gateway && $0.event.failure != nil }
        #expect(failures.map(\.event) == Array(repeating: .exchangeFailed(example.failure), count: 3))
        #expect(failures.map(\.time) == (0...2).map { .milliseconds(example.time + $0 * (30_000 + example.time)) })
        #expect(lab[.gateway].lastFailure == example.failure)
        #expect(lab[.site].lastFailure == example.failure)
        #expect(lab[.gateway].state == .waiting)
        #expect(lab.isDown)
        #expect(lab.faults == [])
    }

    @Test func whoHearsNothingBeginsAgainAtOnce() {
        var lab = TunnelLab()
        lab.input(.gateway, .start)
        lab.run(until: .seconds(31))
        #expect(lab.times(of: .gateway) { $0 == .exchangeStarted } == [.zero, .seconds(15), .seconds(30)])
        #expect(lab.times(of: .gateway) { $0.failure == .noResponse(.saInit, transmissions: 4) } == [.seconds(15), .seconds(30)])
        #expect(lab[.gateway].lastFailure == .noResponse(.saInit, transmissions: 4))
        lab.input(.site, .start)
        lab.run(until: .seconds(40))
        #expect(lab.isUp)
        #expect(lab[.gateway].lastFailure == nil)
    }

    @Test func aWrongPeerAddressIsSilence() {
        var lab = TunnelLab(site: .site { $0.remoteAddress = IPAddress("203.0.113.99")! })
        lab.startBoth()
        lab.run(until: .seconds(20))
        #expect(lab.sent.allSatisfy { !$0.message.header.isResponse })
        #expect(lab[.gateway].lastFailure == .noResponse(.saInit, transmissions: 4))
        #expect(lab[.site].lastFailure == .noResponse(.saInit, transmissions: 4))
        #expect(lab.isDown)
    }

    @Test func aRestartedPeerReplacesEverything() {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(1))
        let old = lab[.site].current
        lab.input(.gateway, .forget)
        lab.input(.gateway, .start)
        lab.run(until: .seconds(2))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab[.site].current != old)
        #expect(lab.faults == [])
    }

    /// The new SAs are there before the old ones go, and before the answer that lets the peer use them.
    @Test func theAnswerFollowsTheInstallation() throws {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(1))
        let old = try #require(lab[.site].current)
        var site = lab[.site]
        lab.input(.gateway, .forget)
        lab.input(.gateway, .start)
        lab.run(until: .seconds(2))
        var random = SeededRandom(seed: 9, label: "site")
        var initiator = Initiator(connection: .gateway(), retransmission: .forTests, random: &random)
        let first = try #require(initiator.start().compactMap(\.datagram).first)
        let answer = try #require(site.handle(.datagram(first, from: .gateway), random: &random).compactMap(\.datagram).first)
        let second = try #require(initiator.receive(answer, from: .site).compactMap(\.datagram).first)
        let outputs = site.handle(.datagram(second, from: .gateway), random: &random)
        let new = try #require(site.current)
        #expect(outputs.count == 5)
        #expect(
            outputs[1...3] == [.install(new, .both), .remove(old, .both), .event(.established(new, initiated: false))])
        #expect(outputs.last?.datagram != nil)
        // A repetition is answered, and installs nothing.
        #expect(site.handle(.datagram(second, from: .gateway), random: &random) == outputs.suffix(1))
    }

    @Test func startingTwiceAndWhatComesBeforeIsIgnored() {
        var end = TunnelEnd(connection: .gateway(), settings: .gateway(.responderOnly))
        var random = SeededRandom(seed: 1, label: "end")
        var other = TunnelEnd(connection: .site(), settings: .site(.initiatorOnly))
        let request = other.handle(.start, random: &random).compactMap(\.datagram)
        #expect(end.state == .idle)
        #expect(end.handle(.datagram(request[0], from: .site), random: &random) == [])
        #expect(end.handle(.reset, random: &random) == [])
        #expect(end.handle(.trafficWaiting, random: &random) == [])
        #expect(end.handle(.start, random: &random) == [])
        #expect(end.state == .waiting)
        #expect(end.handle(.start, random: &random) == [])
        #expect(other.handle(.start, random: &random) == [])
        #expect(end.handle(.timerFired(TunnelTimer(purpose: .retry, generation: 7)), random: &random) == [])
        #expect(end.handle(.datagram([1, 2, 3], from: .site), random: &random) == [])
        #expect(end.handle(.datagram(request[0], from: .gateway), random: &random) == [])
    }

    @Test func nothingOfAnEndPrintsAKey() throws {
        var lab = TunnelLab()
        lab.startBoth()
        lab.run(until: .seconds(1))
        let child = try #require(lab[.site].current)
        var dumped = ""
        dump(lab[.site], to: &dumped)
        let texts = [
            dumped, "\(lab[.site])", String(reflecting: lab[.site]), "\(lab.log)", String(reflecting: TunnelOutput.install(child, .both)),
        ]
        let secrets = [
            child.inbound.keys.encryption.secretBytes, child.outbound.keys.encryption.secretBytes, Array("a shared secret".utf8),
        ]
        for text in texts {
            #expect(!text.contains("a shared secret"))
            for secret in secrets {
                #expect(!text.contains(secret.prefix(6).map(String.init).joined(separator: ", ")))
            }
        }
    }
}

extension TunnelOutput {
    var datagram: [UInt8]? { if case .send(let bytes) = self { bytes } else { nil } }
}

extension TunnelLab {
    /// Of the first exchange that the side began.
    func initiatorSPI(of side: Side) -> IKESPI? {
        sent.first { $0.side == side && $0.message.header.exchange == .saInit && !$0.message.header.isResponse }?.message.header
            .initiatorSPI
    }
}
