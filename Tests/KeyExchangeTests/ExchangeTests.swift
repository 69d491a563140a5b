import Addressing
import LabPlan
import Testing

@testable import KeyExchange

@Suite struct ExchangeTests {
    @Test func bothEndsGetTheSameKeys() throws {
        var wire = ScriptedWire()
        wire.run()
        let initiator = try #require(wire.initiatorChildren.first)
        let responder = try #require(wire.responderChildren.first)
        #expect(initiator.outbound == responder.inbound)
        #expect(initiator.inbound == responder.outbound)
        #expect(initiator.inbound.keys != initiator.outbound.keys)
        #expect(initiator.inbound.spi != initiator.outbound.spi)
        #expect(initiator.initiatorSPI == responder.initiatorSPI && initiator.responderSPI == responder.responderSPI)
        #expect(initiator.connection == .gateway() && responder.connection == .site())
        #expect(wire.requests.map(\.time) == [.zero, .milliseconds(20)])
        #expect(wire.endTime == .milliseconds(40))
        #expect(wire.initiator.isFinished)
    }

    @Test func theSizesOfTheMessages() {
        var wire = ScriptedWire()
        wire.run()
        // Header 28, SA 48, KE 8 + 128, nonce 4 + 32.
        #expect(wire.requests[0].bytes.count == 248)
        #expect(wire.responses[0].bytes.count == 248)
        // Header 28, IDi and IDr 12 each, AUTH 40, SA 36, TSi 8 + 16 + 40, TSr 8 + 2 × 16 + 40, INITIAL_CONTACT 8, PFS group 10.
        #expect(wire.requests[1].bytes.count == 290)
        #expect(wire.responses[1].bytes.count == 270)
    }

    @Test func eachExchangeHasItsOwnKeysAndIdentifiers() throws {
        var random = SeededRandom(seed: 5, label: "both")
        var responder = Responder(connections: [.site()])
        let children = (0..<3).compactMap { _ -> NegotiatedChild? in
            var initiator = Initiator(connection: .gateway(), retransmission: .forTests, random: &random)
            let first = responder.answer(initiator.start(), &random)
            let second = responder.answer(initiator.receive(first, from: .site), &random)
            return initiator.receive(second, from: .site).compactMap(\.child).first
        }
        #expect(children.count == 3)
        #expect(Set(children.map { $0.outbound.keys.encryption.secretBytes }).count == 3)
        #expect(Set(children.map(\.outbound.spi)).count == 3)
        #expect(Set(children.map(\.inbound.spi)).count == 3)
    }

    struct Impaired: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var requests: [ScriptedWire.Fate] = []
        var responses: [ScriptedWire.Fate] = []
        /// When the initiator sends, in milliseconds.
        var requestTimes: [Int]
        /// How often the responder sends.
        var responseCount: Int
        var discarded: [DiscardReason] = []
    }

    @Test(arguments: [
        Impaired(testDescription: "IKE_SA_INIT request lost", requests: [.lose], requestTimes: [0, 1000, 1020], responseCount: 2),
        Impaired(testDescription: "IKE_SA_INIT response lost", responses: [.lose], requestTimes: [0, 1000, 1020], responseCount: 3),
        Impaired(testDescription: "IKE_AUTH request lost", requests: [.deliver, .lose], requestTimes: [0, 20, 1020], responseCount: 2),
        Impaired(testDescription: "IKE_AUTH response lost", responses: [.deliver, .lose], requestTimes: [0, 20, 1020], responseCount: 3),
        Impaired(
            testDescription: "three of each lost", requests: [.lose, .lose, .lose, .deliver, .lose, .lose, .lose],
            requestTimes: [0, 1000, 3000, 7000, 7020, 8020, 10020, 14020], responseCount: 2),
        Impaired(
            testDescription: "IKE_SA_INIT request doubled", requests: [.duplicate], requestTimes: [0, 20], responseCount: 3,
            discarded: [.unexpectedMessage]),
        Impaired(
            testDescription: "IKE_SA_INIT response doubled", responses: [.duplicate], requestTimes: [0, 20], responseCount: 2,
            discarded: [.unexpectedMessage]),
        Impaired(
            testDescription: "IKE_AUTH request doubled", requests: [.deliver, .duplicate], requestTimes: [0, 20], responseCount: 3,
            discarded: [.finished]),
        Impaired(
            testDescription: "IKE_AUTH response doubled", responses: [.deliver, .duplicate], requestTimes: [0, 20], responseCount: 2,
            discarded: [.finished]),
        Impaired(
            testDescription: "IKE_SA_INIT request overtaken by its repetition", requests: [.delay(.seconds(5))],
            requestTimes: [0, 1000, 1020], responseCount: 3, discarded: [.finished]),
        Impaired(
            testDescription: "IKE_SA_INIT response overtaken", responses: [.delay(.milliseconds(1005))],
            requestTimes: [0, 1000, 1020], responseCount: 3, discarded: [.unexpectedMessage]),
        Impaired(
            testDescription: "IKE_AUTH response overtaken", responses: [.deliver, .delay(.seconds(2))],
            requestTimes: [0, 20, 1020], responseCount: 3, discarded: [.finished]),
        Impaired(
            testDescription: "request's version damaged", requests: [.corrupt(17)], requestTimes: [0, 1000, 1020], responseCount: 2,
            discarded: [.malformed(.unsupportedVersion(0xdf))]),
        Impaired(
            testDescription: "response's SPI damaged", responses: [.corrupt(0)], requestTimes: [0, 1000, 1020], responseCount: 3,
            discarded: [.unknownExchange]),
        Impaired(
            testDescription: "IKE_AUTH request's responder SPI damaged", requests: [.deliver, .corrupt(8)], requestTimes: [0, 20, 1020],
            responseCount: 2, discarded: [.unknownExchange]),
        Impaired(
            testDescription: "IKE_AUTH response's length damaged", responses: [.deliver, .corrupt(24)], requestTimes: [0, 20, 1020],
            responseCount: 3, discarded: [.malformed(.datagramLength(stated: 0xff00_010e, actual: 270))]),
    ])
    func impairedWiresOnlyDelay(_ example: Impaired) {
        var wire = ScriptedWire(requests: example.requests, responses: example.responses)
        wire.run()
        #expect(wire.requests.map(\.time) == example.requestTimes.map { .milliseconds($0) })
        #expect(wire.responses.count == example.responseCount)
        #expect(wire.discarded == example.discarded)
        #expect(wire.initiatorResults.count == 1 && wire.responderResults.count == 1)
        #expect(wire.initiatorChildren.first?.outbound == wire.responderChildren.first?.inbound)
        #expect(wire.initiatorChildren.first?.inbound == wire.responderChildren.first?.outbound)
        // Repetitions are the very same bytes.
        #expect(Set(wire.requests.map(\.bytes)).count == 2)
        #expect(Set(wire.responses.map(\.bytes)).count == 2)
    }

    @Test(arguments: [(0, IKEHeader.Exchange.saInit, [0, 1000, 3000, 7000], 15_000), (1, .auth, [0, 20, 1020, 3020, 7020], 15_020)])
    func silenceEndsInFailure(answered: Int, exchange: IKEHeader.Exchange, times: [Int], end: Int) {
        let fates = Array(repeating: ScriptedWire.Fate.deliver, count: answered) + Array(repeating: .lose, count: 20)
        var wire = ScriptedWire(requests: fates)
        wire.run()
        #expect(wire.requests.map(\.time) == times.map { .milliseconds($0) })
        #expect(wire.endTime == .milliseconds(end))
        #expect(wire.initiatorResults.map(\.failure) == [.noResponse(exchange, transmissions: 4)])
    }

    struct Mismatch: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var site: ConnectionEnd
        var failure: KeyExchangeFailure
        var requests: Int
    }

    @Test(arguments: [
        Mismatch(
            testDescription: "IKE encryption", site: .site { $0.policy.ikeEncryption = .aes128 }, failure: .noProposalChosen(.saInit),
            requests: 1),
        Mismatch(
            testDescription: "IKE integrity", site: .site { $0.policy.ikeIntegrity = .sha1 }, failure: .noProposalChosen(.saInit),
            requests: 1),
        Mismatch(
            testDescription: "IKE cipher of another mode", site: .site { $0.policy.ikeEncryption = .gcmAES256 },
            failure: .noProposalChosen(.saInit), requests: 1),
        Mismatch(
            testDescription: "DH group", site: .site { $0.policy.dhGroup = .group14 }, failure: .noProposalChosen(.saInit), requests: 1),
        Mismatch(
            testDescription: "ESP encryption", site: .site { $0.policy.encryption = .gcmAES128 }, failure: .noProposalChosen(.auth),
            requests: 2),
        Mismatch(
            testDescription: "ESP with integrity",
            site: .site {
                $0.policy.encryption = .aes256
                $0.policy.integrity = .sha256
            }, failure: .noProposalChosen(.auth), requests: 2),
        Mismatch(
            testDescription: "pre-shared key", site: .site { $0.preSharedKey = PreSharedKey(secret: "a shared Secret".utf8) },
            failure: .authenticationFailed, requests: 2),
        Mismatch(
            testDescription: "a prefix less", site: .site { $0.localPrefixes.removeLast() }, failure: .trafficSelectorsUnacceptable,
            requests: 2),
        Mismatch(
            testDescription: "a wider prefix", site: .site { $0.remotePrefixes[0] = IPPrefix("10.0.0.0/8")! },
            failure: .trafficSelectorsUnacceptable, requests: 2),
    ])
    func ends(_ example: Mismatch) {
        var wire = ScriptedWire(site: example.site)
        wire.run()
        #expect(wire.initiatorResults == [.failed(connection: "site-A", example.failure)])
        #expect(wire.responderResults == [.failed(connection: "site-A", example.failure)])
        #expect(wire.requests.count == example.requests)
    }

    @Test func lifetimesNeedNotMatch() throws {
        var wire = ScriptedWire(site: .site { $0.policy.lifetime = .seconds(300) })
        wire.run()
        #expect(wire.initiatorChildren.first?.connection.policy.lifetime == .seconds(27_000))
        #expect(wire.responderChildren.first?.connection.policy.lifetime == .seconds(300))
    }

    /// RFC 7296 §1.2: the first child SA does not depend on it.
    @Test(arguments: [
        (IPsecPolicy.PFSGroup.none, UInt16(0), false), (.pfs14, 14, true), (.pfs2048, 14, true), (.ecp384, 20, true), (.pfsMM, 2, true),
    ])
    func pfsGroupsAreToldNotNegotiated(group: IPsecPolicy.PFSGroup, number: UInt16, differ: Bool) {
        var wire = ScriptedWire(site: .site { $0.policy.pfsGroup = group })
        wire.run()
        #expect(wire.initiatorChildren.map(\.pfs) == [PFSGroups(local: 0, remote: number)])
        #expect(wire.responderChildren.map(\.pfs) == [PFSGroups(local: number, remote: 0)])
        #expect(wire.initiatorChildren.map(\.pfs.differ) == [differ])
    }

    @Test(arguments: IPsecPolicy.DHGroup.allCases) func everyGroup(group: IPsecPolicy.DHGroup) {
        var wire = ScriptedWire(site: .site { $0.policy.dhGroup = group }, gateway: .gateway { $0.policy.dhGroup = group })
        wire.run()
        #expect(wire.initiatorChildren.count == 1)
    }

    /// Damage may end an exchange, but never with keys at the initiator that the responder does not have.
    @Test(arguments: UInt64(1)...4) func damagedDatagramsNeverGiveDifferentKeys(seed: UInt64) {
        var random = SeededRandom(seed: seed, label: "exchange fuzz")
        for _ in 0..<100 {
            var responder = Responder(connections: [.site()])
            var initiator = Initiator(connection: .gateway(), retransmission: .forTests, random: &random)
            var installed: [NegotiatedChild] = []
            var outputs = initiator.start()
            for _ in 0..<2 {
                guard let request = outputs.compactMap(\.datagram).first else { break }
                var response: [UInt8] = []
                for datagram in [random.damaged(request), random.damaged(request), request] {
                    let answers = responder.receive(datagram, from: .gateway, to: .site, random: &random)
                    installed += answers.compactMap(\.child)
                    response = answers.compactMap(\.datagram).first ?? response
                }
                outputs = []
                for datagram in [random.damaged(response), response] { outputs += initiator.receive(datagram, from: .site) }
            }
            for child in outputs.compactMap(\.child) {
                #expect(installed.contains { $0.inbound.keys == child.outbound.keys && $0.outbound.keys == child.inbound.keys })
            }
        }
    }
}

extension IPAddress {
    static let site = ConnectionPlan.forTests.siteAddress
    static let gateway = ConnectionPlan.forTests.tunnels[0].gatewayAddress
}

extension Responder {
    /// Answers the datagram among an initiator's outputs; empty when there is no answer.
    mutating func answer(_ outputs: [KeyExchangeOutput], _ random: inout SeededRandom) -> [UInt8] {
        guard let request = outputs.compactMap(\.datagram).first else { return [] }
        return receive(request, from: .gateway, to: .site, random: &random).compactMap(\.datagram).first ?? []
    }
}
