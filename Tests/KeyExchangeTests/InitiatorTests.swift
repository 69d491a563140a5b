import Addressing
import LabPlan
import Testing

@testable import KeyExchange

@Suite struct InitiatorTests {
    private var random = SeededRandom(seed: 3, label: "initiator tests")

    private mutating func makeInitiator(_ connection: ConnectionEnd = .gateway()) -> Initiator {
        Initiator(connection: connection, retransmission: .forTests, random: &random)
    }

    /// strongSwan's defaults give up after 165.06 s.
    @Test func retransmissionSchedule() {
        let plan = TimingPlan.Retransmission(timeout: .seconds(4), base: 1.8, tries: 5)
        let waits = (0...5).map { plan.wait(afterRepetitions: $0) }
        #expect(
            waits == [
                .seconds(4), .milliseconds(7_200), .milliseconds(12_960), .milliseconds(23_328), .microseconds(41_990_400),
                .microseconds(75_582_720),
            ])
        #expect(waits.reduce(.zero, +) == .microseconds(165_061_120))
    }

    @Test(arguments: [(2.0, 200), (.infinity, 1), (.nan, 1), (1e300, 2)]) func noWaitIsLongerThanADay(base: Double, repetitions: Int) {
        let plan = TimingPlan.Retransmission(timeout: .seconds(1), base: base, tries: 500)
        #expect(plan.wait(afterRepetitions: repetitions) == .seconds(86_400))
    }

    @Test mutating func timersOfEarlierStartsAreStale() {
        var initiator = makeInitiator()
        #expect(initiator.timerFired(RetransmissionTimer(generation: 0)) == [.discarded(.staleTimer)])
        let started = initiator.start()
        let request = started.compactMap(\.datagram)[0]
        let first = RetransmissionTimer(generation: 1)
        #expect(started == [.send(request), .startTimer(first, after: .seconds(1))])
        let second = RetransmissionTimer(generation: 2)
        #expect(initiator.timerFired(first) == [.send(request), .startTimer(second, after: .seconds(2))])
        #expect(initiator.timerFired(first) == [.discarded(.staleTimer)])
    }

    @Test mutating func startsOnce() {
        var initiator = makeInitiator()
        _ = initiator.start()
        #expect(initiator.start() == [.discarded(.unexpectedMessage)])
    }

    @Test mutating func anAbandonedExchangeIsSilent() {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let response = responder.answer(initiator.start(), &random)
        #expect(initiator.abandon() == [.cancelTimer(RetransmissionTimer(generation: 1))])
        #expect(initiator.receive(response, from: .site) == [.discarded(.finished)])
        #expect(initiator.timerFired(RetransmissionTimer(generation: 1)) == [.discarded(.staleTimer)])
        #expect(initiator.abandon() == [.discarded(.finished)])
    }

    @Test mutating func completionCancelsTheTimerFirst() {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let first = responder.answer(initiator.start(), &random)
        let second = responder.answer(initiator.receive(first, from: .site), &random)
        let outputs = initiator.receive(second, from: .site)
        #expect(outputs.first == .cancelTimer(RetransmissionTimer(generation: 2)))
        #expect(outputs.count == 2 && outputs[1].child != nil)
    }

    @Test mutating func othersAreNotListenedTo() {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let request = initiator.start()
        let response = responder.answer(request, &random)
        #expect(initiator.receive(response, from: .gateway) == [.discarded(.unexpectedSource)])
        #expect(initiator.receive(request.compactMap(\.datagram)[0], from: .site) == [.discarded(.wrongDirection)])
        var other = makeInitiator()
        #expect(initiator.receive(responder.answer(other.start(), &random), from: .site) == [.discarded(.unknownExchange)])
        #expect(initiator.receive(response, from: .site).compactMap(\.datagram).count == 1)
    }

    /// A responder that answers with what was not offered, or for someone else.
    @Test(arguments: [
        (
            IKEPayload.securityAssociation([Proposal(number: 1, securityProtocol: .ike, transforms: [Transform(.encryption, 3)])]),
            KeyExchangeFailure.invalidResponse(.saInit)
        ),
        (.keyExchange(group: 14, publicValue: [1]), .invalidResponse(.saInit)),
        (.notify(IKENotification(.invalidKeyExchange, data: [0, 14])), .refused(notification: 17)),
    ])
    mutating func wrongAnswersEndTheExchange(payload: IKEPayload, failure: KeyExchangeFailure) throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        var answer = try IKEMessage(decoding: responder.answer(initiator.start(), &random))
        answer.payloads = answer.payloads.filter { $0.type != payload.type } + [payload]
        #expect(initiator.receive(try answer.encoded(), from: .site).last == .failed(connection: "site-A", failure))
    }

    @Test mutating func theResponderHasToProveItself() throws {
        var initiator = makeInitiator()
        var responder = Responder(connections: [.site()])
        let first = responder.answer(initiator.start(), &random)
        var answer = try IKEMessage(decoding: responder.answer(initiator.receive(first, from: .site), &random))
        answer.payloads = answer.payloads.map { payload in
            guard case .authentication(let method, var proof) = payload else { return payload }
            proof[0] ^= 1
            return .authentication(method, proof: proof)
        }
        #expect(
            initiator.receive(try answer.encoded(), from: .site).last == .failed(connection: "site-A", .authenticationFailed))
    }

    @Test mutating func moreSelectorsThanAMessageHolds() {
        var connection = ConnectionEnd.gateway()
        connection.localPrefixes = (0..<256).map { IPPrefix(IPAddress(family: .v4, value: UInt128($0) << 8), length: 24)! }
        var initiator = makeInitiator(connection)
        var responder = Responder(connections: [.site()])
        let outputs = initiator.receive(responder.answer(initiator.start(), &random), from: .site)
        #expect(
            outputs == [
                .cancelTimer(RetransmissionTimer(generation: 1)),
                .failed(connection: "site-A", .unencodable(.tooManyItems(.payload(.initiatorTrafficSelectors), 256))),
            ])
        #expect(initiator.isFinished)
    }
}
