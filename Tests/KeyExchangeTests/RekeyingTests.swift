import LabPlan
import Testing

@testable import KeyExchange

@Suite struct RekeyingTests {
    typealias Side = TunnelLab.Side

    private static func lab(
        site: ConnectionEnd = .site(), gateway: ConnectionEnd = .gateway(), gatewayMode: ConnectionPlan.Mode = .default,
        fate: @escaping TunnelLab.Fate = { _, _, _ in [.milliseconds(10)] }
    ) -> TunnelLab {
        var lab = TunnelLab(site: site, gateway: gateway, gatewaySettings: .gateway(gatewayMode), fate: fate)
        lab.startBoth()
        lab.run(until: .seconds(5))
        return lab
    }

    /// Packets in both directions every 2 ms, and not one lost; whichever end asks, whichever end had begun the IKE SA.
    @Test(arguments: Side.allCases, [ConnectionPlan.Mode.default, .responderOnly]) func loses(side: Side, gatewayMode: ConnectionPlan.Mode)
    {
        var lab = Self.lab(gatewayMode: gatewayMode)
        let old = lab[side].current
        lab.sendPackets(every: .milliseconds(2), until: .seconds(12))
        lab.at(.seconds(6)) { $0.expire(side) }
        lab.run(until: .seconds(20))
        #expect(lab.packetsSent[0] == 3_501 && lab.packetsSent[1] == 3_501)
        #expect(lab.packetsLost == [0, 0] && lab.packetsWithoutSA == [0, 0])
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab[side].current?.inbound.spi != old?.inbound.spi)
        #expect(lab[side].current?.inbound.keys != old?.inbound.keys)
        #expect(lab[side].current?.outbound.keys != old?.outbound.keys)
        #expect(lab[side].current?.initiatorSPI == old?.initiatorSPI)
        #expect(lab.log.filter { $0.event.isRekeyed }.map(\.side) == [side, side.peer])
        #expect(lab.times(of: nil, \.isRekeyed) == [6_020, 6_030].map { .milliseconds($0) })
        #expect(lab.requests(.createChildSA, by: side).count == 1)
        #expect(lab.faults == [])
    }

    @Test func theOldInboundSAIsKeptForAWhile() {
        var lab = Self.lab()
        lab.expire(.gateway)
        lab.run(until: .milliseconds(10_025))
        // Both keep it for 5 s: the gateway since the answer to its DELETE, at 5.04 s, the site since the DELETE.
        #expect(lab.kernels.map(\.inbound.count) == [2, 2])
        lab.run(until: .milliseconds(10_035))
        #expect(lab.kernels.map(\.inbound.count) == [1, 2])
        lab.run(until: .milliseconds(10_045))
        #expect(lab.hasOnePair)
    }

    @Test func withoutATimeToKeepItItGoesAtOnce() {
        var settings = TunnelEnd.Settings.gateway()
        settings.keepReplaced = .zero
        var lab = TunnelLab(siteSettings: settings, gatewaySettings: settings)
        lab.startBoth()
        lab.run(until: .seconds(5))
        lab.expire(.gateway)
        lab.run(until: .milliseconds(5_045))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    /// The end with the greater address has its way, whoever is earlier by less than the way.
    @Test(arguments: [-12, -8, -4, 0, 4, 8, 12]) func bothAskAtOnce(lead: Int) {
        var lab = Self.lab()
        lab.run(until: .milliseconds(5_900))
        lab.sendPackets(every: .milliseconds(1), until: .seconds(7))
        lab.at(.milliseconds(6_000 - min(0, lead))) { $0.expire(.gateway) }
        lab.at(.milliseconds(6_000 + max(0, lead))) { $0.expire(.site) }
        lab.run(until: .seconds(31))
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.log.filter { $0.event.isRekeyed }.count == 2)
        #expect(lab.log.first { $0.event.isRekeyed }?.side == (lead > -10 ? .gateway : .site))
        #expect(lab.packetsLost == [0, 0])
        #expect(lab.log.allSatisfy { $0.event.rekeyFailure == nil })
        #expect(lab.faults == [])
    }

    @Test func aSoftLifetimeIsToldOfOnceForEachSA() {
        var lab = Self.lab()
        lab.expire(.gateway)
        lab.expire(.gateway)
        lab.run(until: .milliseconds(5_015))
        // The successor is there, and the peer's soft lifetime comes.
        lab.expire(.site)
        lab.run(until: .seconds(30))
        #expect(lab.requests(.createChildSA).count == 1)
        #expect(lab.isUp && lab.hasOnePair)
    }

    @Test func manyInARow() {
        var lab = Self.lab(site: .site { $0.policy.pfsGroup = .ecp256 }, gateway: .gateway { $0.policy.pfsGroup = .ecp256 })
        lab.sendPackets(every: .milliseconds(10), until: .seconds(100))
        for count in 1...20 {
            lab.at(.seconds(5 + count * 4)) { $0.expire(count % 3 == 0 ? .site : .gateway) }
        }
        lab.run(until: .seconds(110))
        #expect(lab.log.filter { $0.event.isRekeyed }.count == 40)
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.packetsLost == [0, 0])
        #expect(lab.faults == [])
    }

    @Test(
        arguments: [
            (IPsecPolicy.PFSGroup.none, IPsecPolicy.PFSGroup.none, nil), (.pfs14, .pfs2048, nil), (.pfsMM, .pfs2, nil),
            (.none, .pfs14, .noProposalChosen(.createChildSA)), (.pfs14, .none, .noProposalChosen(.createChildSA)),
            (.ecp256, .ecp384, .noProposalChosen(.createChildSA)),
        ] as [(IPsecPolicy.PFSGroup, IPsecPolicy.PFSGroup, KeyExchangeFailure?)])
    func groups(gateway: IPsecPolicy.PFSGroup, site: IPsecPolicy.PFSGroup, failure: KeyExchangeFailure?) {
        for side in Side.allCases {
            var lab = Self.lab(site: .site { $0.policy.pfsGroup = site }, gateway: .gateway { $0.policy.pfsGroup = gateway })
            let old = lab[side].current
            lab.expire(side)
            lab.run(until: .seconds(26))
            #expect(lab.isUp && lab.hasOnePair)
            #expect((lab[side].current == old) == (failure != nil))
            #expect(lab[side].lastFailure == failure)
            if let failure {
                #expect(
                    lab.log.filter { $0.event == .rekeyFailed(failure) }.map(\.time) == [5_020, 15_040, 25_060].map { .milliseconds($0) })
                #expect(lab.log.allSatisfy { $0.side == side || $0.event.rekeyFailure == nil })
            }
            #expect(lab.faults == [])
        }
    }

    @Test func theSizesOfTheMessages() {
        var lab = Self.lab()
        lab.expire(.gateway)
        lab.run(until: .seconds(6))
        // Header 28, REKEY_SA 12, SA 36, nonce 36, TSi and TSr as in IKE_AUTH; the answer without REKEY_SA. DELETE 12.
        let sizes = lab.sent.suffix(4).map(\.bytes.count)
        #expect(sizes == [28 + 12 + 36 + 36 + 64 + 80, 28 + 36 + 36 + 64 + 80, 28 + 12, 28 + 12])
        lab = Self.lab(site: .site { $0.policy.pfsGroup = .ecp256 }, gateway: .gateway { $0.policy.pfsGroup = .ecp256 })
        lab.expire(.gateway)
        lab.run(until: .seconds(6))
        // The SA's group 8, KE 8 + 64.
        #expect(lab.sent.suffix(4).prefix(2).map(\.bytes.count) == sizes.prefix(2).map { $0 + 8 + 72 })
    }

    /// The n-th datagram of the rekeying is lost, or each of a kind up to the third repetition.
    @Test(arguments: 0..<4, [1, 3]) func lostMessages(index: Int, count: Int) {
        let exchange: IKEHeader.Exchange = index < 2 ? .createChildSA : .informational
        for side in Side.allCases {
            var lab = Self.lab()
            let losses = Losses(count)
            lab.fate = { _, message, _ in
                message.header.exchange == exchange && message.header.isResponse == (index % 2 == 1) && losses.take()
                    ? [] : [.milliseconds(10)]
            }
            lab.sendPackets(every: .milliseconds(10), until: .seconds(30))
            lab.at(.seconds(6)) { $0.expire(side) }
            lab.run(until: .seconds(40))
            #expect(lab.isUp && lab.hasOnePair)
            #expect(lab.packetsLost == [0, 0] && lab.packetsWithoutSA == [0, 0])
            #expect(lab.log.filter { $0.event.isRekeyed }.count == 2)
            let requests = lab.requests(exchange, by: side)
            #expect(requests.count == count + 1)
            #expect(Set(requests.map(\.bytes)).count == 1)
            #expect(lab.faults == [])
        }
    }

    /// RFC 7296 §2.4: an IKE SA whose request is never answered has failed.
    @Test(arguments: [IKEHeader.Exchange.createChildSA, .informational]) func unansweredRekeying(exchange: IKEHeader.Exchange) {
        var lab = Self.lab()
        lab.fate = { _, message, _ in message.header.exchange == exchange ? [] : [.milliseconds(10)] }
        lab.expire(.gateway)
        lab.run(until: .seconds(30))
        let failure = KeyExchangeFailure.noResponse(exchange, transmissions: 4)
        #expect(lab.log.contains { $0.event == .rekeyFailed(failure) } == (exchange == .createChildSA))
        let begun = exchange == .createChildSA ? Duration.seconds(20) : .milliseconds(20_020)
        #expect(lab.log.filter { $0.event == .peerDead(silence: .seconds(15)) }.map(\.time) == [begun])
        #expect(lab.times(of: .gateway) { $0 == .exchangeStarted }.last == begun)
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    @Test(arguments: Side.allCases) func anExpiryWithoutASuccessorEndsTheTunnel(side: Side) {
        var lab = Self.lab(site: .site { $0.policy.pfsGroup = .ecp256 })
        lab.isRemovalStrict = false
        lab.expire(side)
        lab.run(until: .seconds(100))
        let spi = lab[side].current?.inbound.spi
        lab.kernels[side.rawValue].inbound = [:]
        spi.map { lab.input(side, .expired(inbound: $0)) }
        #expect(lab.log.last { $0.side == side && $0.event == .expired }?.time == .seconds(100))
        lab.run(until: .seconds(110))
        #expect(lab.times(of: side.peer) { $0 == .deletedByPeer } == [.milliseconds(100_010)])
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab[side].current?.inbound.spi != spi)
        #expect(lab.requests(.createChildSA, by: side).allSatisfy { $0.time < .seconds(100) })
        #expect(lab.faults == [])
    }

    /// The hard lifetime ends before the DELETE that should make the successor the current one.
    @Test func anExpiryDuringTheRekeying() throws {
        var lab = Self.lab()
        lab.isRemovalStrict = false
        lab.fate = { _, message, _ in message.deletions.isEmpty ? [.milliseconds(10)] : [] }
        let old = try #require(lab[.site].current)
        lab.expire(.gateway)
        lab.run(until: .seconds(6))
        #expect(lab[.site].current == old)
        lab.kernels[Side.site.rawValue] = .init(
            inbound: lab.kernels[Side.site.rawValue].inbound.filter { $0.key != old.inbound.spi }, outbound: [])
        lab.input(.site, .expired(inbound: old.inbound.spi))
        #expect(lab.isUp)
        lab.fate = { _, _, _ in [.milliseconds(10)] }
        lab.run(until: .seconds(30))
        #expect(lab.isUp && lab.hasOnePair)
        // Of a replaced pair it is no news.
        lab.input(.site, .expired(inbound: old.inbound.spi))
        lab.input(.gateway, .expired(inbound: old.outbound.spi))
        #expect(lab.isUp)
        #expect(lab.log.allSatisfy { $0.event != .expired })
    }

    /// A question is under way when the soft lifetime ends: one request at a time.
    @Test func theRekeyingWaitsForTheAnswerToAQuestion() {
        var lab = TunnelLab(siteSettings: .site(.default, .standard))
        lab.startBoth()
        lab.run(until: .seconds(10))
        let losses = Losses(1)
        lab.fate = { _, message, _ in message.header.exchange == .informational && losses.take() ? [] : [.milliseconds(10)] }
        lab.run(until: .seconds(16))
        lab.expire(.site)
        #expect(lab.requests(.createChildSA).isEmpty)
        lab.run(until: .seconds(25))
        // The question is repeated 1 s after something waits for its answer.
        #expect(lab.requests(.createChildSA).map(\.time) == [.milliseconds(17_020)])
        #expect(lab.isUp && lab.hasOnePair)
        #expect(lab.faults == [])
    }

    @Test func whatCannotBeRekeyedIsRefused() throws {
        var lab = Self.lab()
        let child = try #require(lab[.site].current)
        let session = try #require(lab[.gateway].session)
        var random = SeededRandom(seed: 1, label: "asking")
        let good = RekeyingRequest(replacing: child.outbound.spi, of: .gateway(), random: &random).payloads
        var messageID: UInt32 = 2
        func answer(_ payloads: [IKEPayload]) throws -> [IKEPayload] {
            let header = session.header(.createChildSA, isResponse: false, messageID: messageID)
            messageID += 1
            let sent = lab.sent.count
            lab.input(.site, .datagram(try IKEMessage(header: header, payloads: payloads).encoded(), from: .gateway))
            return lab.sent[sent].message.payloads
        }
        #expect(try answer(Array(good.dropFirst())) == [.notify(IKENotification(.noAdditionalSAs))])
        #expect(
            try answer([.notify(.rekeying(child.inbound.spi))] + good.dropFirst()) == [.notify(IKENotification(.childSANotFound))])
        #expect(try answer(Array(good.dropLast())) == [.notify(IKENotification(.trafficSelectorsUnacceptable))])
        let value = IKEPayload.keyExchange(group: 14, publicValue: [1])
        #expect(try answer(good + [value]) == [.notify(IKENotification(.invalidKeyExchange, data: [0, 0]))])
        #expect(try answer(good.filter { $0.type != .nonce }) == [.notify(IKENotification(.noProposalChosen))])
        #expect(lab.hasOnePair)
        #expect(try answer(good).count == 4)
        #expect(lab.kernels[Side.site.rawValue].inbound.count == 2)
        #expect(lab[.site].current == child)
    }

    @Test func aMessageNumberIsUsedOnce() throws {
        var lab = Self.lab()
        lab.expire(.gateway)
        lab.run(until: .seconds(20))
        let request = try #require(lab.requests(.createChildSA).first?.bytes)
        let sent = lab.sent.count
        // Two numbers back, and the last one with other content.
        lab.input(.site, .datagram(request, from: .gateway))
        let last = try #require(lab.requests(.informational).last?.bytes)
        lab.input(.site, .datagram(last.with(last[35] ^ 1, at: 35), from: .gateway))
        #expect(lab.sent.count == sent)
        lab.input(.site, .datagram(last, from: .gateway))
        #expect(lab.sent.count == sent + 1)
        #expect(lab.isUp && lab.hasOnePair)
    }

    /// A peer that deletes the only pair has no use for the IKE SA.
    @Test func theDeletionOfTheOnlyPairEndsTheTunnel() throws {
        var lab = Self.lab()
        let child = try #require(lab[.site].current)
        let header = try #require(lab[.gateway].session).header(.informational, isResponse: false, messageID: 2)
        let deletion = IKEMessage(header: header, payloads: [.delete(Deletion([child.outbound.spi]))])
        lab.input(.site, .datagram(try deletion.encoded(), from: .gateway))
        #expect(lab.sent.last?.message.payloads == [.delete(Deletion([child.inbound.spi]))])
        #expect(lab.log.last?.event == .deletedByPeer)
        #expect(lab[.site].state == .waiting)
    }
}

/// Counts down, within one test's thread.
final class Losses: @unchecked Sendable {
    private var left: Int

    init(_ count: Int) { left = count }

    func take() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
