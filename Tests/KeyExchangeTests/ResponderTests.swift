import Addressing
import LabPlan
import Testing

@testable import KeyExchange

@Suite struct ResponderTests {
    private var random = SeededRandom(seed: 4, label: "responder tests")

    private mutating func makeInitiator(_ connection: ConnectionEnd = .gateway()) -> Initiator {
        Initiator(connection: connection, retransmission: .forTests, random: &random)
    }

    @Test mutating func theAnswerFollowsTheInstallation() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let first = responder.answer(initiator.start(), &random)
        let request = try #require(initiator.receive(first, from: .site).compactMap(\.datagram).first)
        let outputs = responder.receive(request, from: .gateway, to: .site, random: &random)
        #expect(outputs.count == 2 && outputs[0].child != nil && outputs[1].datagram != nil)
        // A repetition installs nothing.
        #expect(responder.receive(request, from: .gateway, to: .site, random: &random) == [outputs[1]])
    }

    @Test mutating func anotherRequestWithAnAnsweredNumberIsIgnored() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let first = responder.answer(initiator.start(), &random)
        let request = try #require(initiator.receive(first, from: .site).compactMap(\.datagram).first)
        _ = responder.receive(request, from: .gateway, to: .site, random: &random)
        let other = request.with(request[60] ^ 1, at: 60)
        #expect(responder.receive(other, from: .gateway, to: .site, random: &random) == [.discarded(.conflictingRequest)])
    }

    @Test mutating func refusalsAreRepeatedToo() throws {
        var initiator = makeInitiator(.gateway { $0.policy.dhGroup = .ecp256 })
        var responder = Responder(connections: [.site()])
        let request = try #require(initiator.start().compactMap(\.datagram).first)
        let outputs = responder.receive(request, from: .gateway, to: .site, random: &random)
        #expect(outputs.compactMap(\.failure) == [.noProposalChosen(.saInit)])
        #expect(responder.receive(request, from: .gateway, to: .site, random: &random) == [outputs[0]])
    }

    @Test mutating func aKeyExchangeValueOfAnotherGroupThanProposedIsRefused() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        var request = try IKEMessage(decoding: try #require(initiator.start().compactMap(\.datagram).first))
        request.payloads[1] = .keyExchange(group: 14, publicValue: [1, 2, 3])
        let outputs = responder.receive(try request.encoded(), from: .gateway, to: .site, random: &random)
        #expect(outputs.compactMap(\.failure) == [.refused(notification: 17)])
        let answer = try IKEMessage(decoding: try #require(outputs.compactMap(\.datagram).first))
        #expect(answer.payloads == [.notify(IKENotification(.invalidKeyExchange, data: [0, 2]))])
    }

    /// An offer of several algorithms of a kind is cut down to the policy's.
    @Test mutating func choosesAmongSeveral() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        var request = try IKEMessage(decoding: try #require(initiator.start().compactMap(\.datagram).first))
        var wide = Proposal.ike(.routeBasedDefault)
        wide.number = 2
        wide.transforms.insert(Transform(.encryption, 20, keyLength: 256), at: 0)
        request.payloads[0] = .securityAssociation([Proposal(number: 1, securityProtocol: .ike, transforms: []), wide])
        let outputs = responder.receive(try request.encoded(), from: .gateway, to: .site, random: &random)
        let answer = try IKEMessage(decoding: try #require(outputs.compactMap(\.datagram).first))
        var chosen = Proposal.ike(.routeBasedDefault)
        chosen.number = 2
        #expect(answer.proposals == [chosen])
    }

    @Test mutating func connectionsAreFoundByBothAddresses() {
        let other = ConnectionEnd.site {
            $0.name = "site-B"
            $0.localAddress = IPAddress("2001:db8::b")!
            $0.remoteAddress = IPAddress("2001:db8::1")!
            $0.preSharedKey = PreSharedKey(secret: "another".utf8)
        }
        var responder = Responder(connections: [.site(), other])
        var initiator = makeInitiator(
            .gateway {
                $0.localAddress = other.remoteAddress
                $0.remoteAddress = other.localAddress
                $0.preSharedKey = other.preSharedKey
            })
        let request = initiator.start().compactMap(\.datagram)[0]
        #expect(responder.receive(request, from: .gateway, to: other.localAddress, random: &random) == [.discarded(.unknownConnection)])
        let first = responder.receive(request, from: other.remoteAddress, to: other.localAddress, random: &random)
        let second = initiator.receive(first.compactMap(\.datagram)[0], from: other.localAddress).compactMap(\.datagram)[0]
        // The exchange belongs to its connection.
        #expect(responder.receive(second, from: .gateway, to: .site, random: &random) == [.discarded(.unknownExchange)])
        let last = responder.receive(second, from: other.remoteAddress, to: other.localAddress, random: &random)
        #expect(last.compactMap(\.child?.connection.name) == ["site-B"])
    }

    @Test mutating func anIdentityHasToBeTheTunnelsAddress() throws {
        var initiator = makeInitiator(.gateway { $0.localAddress = IPAddress("203.0.113.99")! })
        var responder = Responder(connections: [.site()])
        let first = responder.answer(initiator.start(), &random)
        let request = try #require(initiator.receive(first, from: .site).compactMap(\.datagram).first)
        // As if the address had been translated on its way: the identity still says 203.0.113.99.
        let outputs = responder.receive(request, from: .gateway, to: .site, random: &random)
        #expect(outputs.compactMap(\.failure) == [.authenticationFailed])
    }

    @Test mutating func onlySoManyExchangesAreKept() throws {
        var responder = Responder(connections: [.site()], exchangesPerConnection: 3)
        var initiators = (0..<4).map { _ in makeInitiator() }
        let requests = try initiators.indices.map { index in
            let first = responder.answer(initiators[index].start(), &random)
            return try #require(initiators[index].receive(first, from: .site).compactMap(\.datagram).first)
        }
        #expect(responder.receive(requests[0], from: .gateway, to: .site, random: &random) == [.discarded(.unknownExchange)])
        for request in requests.dropFirst() {
            #expect(responder.receive(request, from: .gateway, to: .site, random: &random).first?.child != nil)
        }
    }

    @Test mutating func whatIsNoRequestIsIgnored() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let request = try #require(initiator.start().compactMap(\.datagram).first)
        let response = try #require(responder.receive(request, from: .gateway, to: .site, random: &random).compactMap(\.datagram).first)
        #expect(responder.receive(response, from: .gateway, to: .site, random: &random) == [.discarded(.wrongDirection)])
        #expect(
            responder.receive([1, 2, 3], from: .gateway, to: .site, random: &random)
                == [.discarded(.malformed(.truncated(.header, needed: 8, available: 3)))])
        // INFORMATIONAL, and IKE_SA_INIT with another number than 0.
        for changed in [request.with(37, at: 18), request.with(1, at: 23)] {
            #expect(responder.receive(changed, from: .gateway, to: .site, random: &random) == [.discarded(.unexpectedMessage)])
        }
        var message = try IKEMessage(decoding: request)
        message.payloads.removeLast()
        #expect(
            responder.receive(try message.encoded(), from: .gateway, to: .site, random: &random)
                == [.discarded(.missingPayload(.nonce))])
    }
}
