import Addressing
import Hashing
import LabPlan

/// The end that starts a key exchange. One exchange, one value.
///
///     initiator                                                         responder
///     IKE_SA_INIT   SA, KE, Ni                                    ──>
///                                                                 <──   SA, KE, Nr
///     IKE_AUTH      IDi, IDr, AUTH, SA, TSi, TSr, N, N            ──>
///                                                                 <──   IDr, AUTH, SA, TSi, TSr, N
///
/// These are IKEv2's two round trips, messages and retransmissions (RFC 7296), so that an exchange counts as a real one does under loss and
/// delay: the same number of packets, of nearly the same sizes.
///
/// It protects nothing. Messages are not encrypted, the public values are random bytes, and no Diffie-Hellman secret is computed: the keys
/// come from the nonces, the SPIs and the pre-shared key. That is enough for both ends to agree on fresh keys and to notice that their
/// pre-shared keys differ. What IKE_AUTH carries beside the proof has UDP's checksum alone for its integrity. NAT detection, cookies and
/// fragmentation are left out: the lab has no NAT and no attacker.
///
/// Ignored, never answered: what is malformed, comes from elsewhere, or repeats what was answered before (RFC 7296 §2.1).
public struct Initiator: Sendable {
    public let connection: ConnectionEnd

    private let retransmission: TimingPlan.Retransmission
    private let spi: IKESPI
    private let nonce: [UInt8]
    private let publicValue: [UInt8]
    private let inboundSPI: ChildSPI

    /// Of a completed exchange, for what follows in its IKE SA.
    private(set) var secrets: ExchangeSecrets?

    private var state = State.idle
    private var request: [UInt8] = []
    private var repetitions = 0
    private var timersStarted = 0
    private var timer: RetransmissionTimer?

    private enum State {
        case idle
        case awaitingInit
        case awaitingAuth(Authenticating)
        case finished
    }

    /// What is known after IKE_SA_INIT.
    private struct Authenticating {
        var responderSPI: IKESPI
        var secrets: ExchangeSecrets
        var initResponse: [UInt8]
    }

    /// Draws all random values of the exchange.
    public init(connection: ConnectionEnd, retransmission: TimingPlan.Retransmission, random: inout some RandomSource) {
        self.connection = connection
        self.retransmission = retransmission
        spi = IKESPI(from: &random)
        nonce = random.bytes(IKESizes.nonce)
        publicValue = random.bytes(connection.policy.dhGroup.publicValueSize)
        inboundSPI = ChildSPI(from: &random)
    }

    /// Whether the exchange has ended, for good or ill.
    public var isFinished: Bool { if case .finished = state { true } else { false } }

    /// Whether the request that is to be answered next was sent again.
    var isRepeating: Bool { repetitions > 0 }

    /// Whether the peer has answered IKE_SA_INIT, and not yet IKE_AUTH.
    var isAuthenticating: Bool { if case .awaitingAuth = state { true } else { false } }

    /// Whether the peer has answered IKE_SA_INIT with these SPIs, and not yet IKE_AUTH.
    func isAuthenticating(by header: IKEHeader) -> Bool {
        guard case .awaitingAuth(let session) = state else { return false }
        return header.initiatorSPI == spi && header.responderSPI == session.responderSPI && !header.isFromInitiator
    }

    public mutating func start() -> [KeyExchangeOutput] {
        guard case .idle = state else { return [.discarded(.unexpectedMessage)] }
        state = .awaitingInit
        return send(
            header(.saInit, messageID: 0, responderSPI: .none),
            [
                .securityAssociation([.ike(connection.policy)]),
                .keyExchange(group: connection.policy.dhGroup.number, publicValue: publicValue),
                .nonce(nonce),
            ])
    }

    /// Ends the exchange without a result.
    public mutating func abandon() -> [KeyExchangeOutput] {
        guard !isFinished else { return [.discarded(.finished)] }
        return finish([])
    }

    public mutating func timerFired(_ fired: RetransmissionTimer) -> [KeyExchangeOutput] {
        guard fired == timer else { return [.discarded(.staleTimer)] }
        timer = nil
        guard repetitions < retransmission.tries else {
            let exchange: IKEHeader.Exchange = if case .awaitingInit = state { .saInit } else { .auth }
            return fail(.noResponse(exchange, transmissions: repetitions + 1))
        }
        repetitions += 1
        return [.send(request), startTimer()]
    }

    /// - Parameter datagram: what came in on the connection's local address.
    public mutating func receive(_ datagram: [UInt8], from source: IPAddress) -> [KeyExchangeOutput] {
        guard source == connection.remoteAddress else { return [.discarded(.unexpectedSource)] }
        let message: IKEMessage
        do throws(IKEDecodingError) { message = try IKEMessage(decoding: datagram) } catch { return [.discarded(.malformed(error))] }
        return receive(message, datagram)
    }

    /// - Parameter datagram: the peer's message as it was on the wire.
    mutating func receive(_ message: IKEMessage, _ datagram: [UInt8]) -> [KeyExchangeOutput] {
        guard message.header.isResponse, !message.header.isFromInitiator else { return [.discarded(.wrongDirection)] }
        guard message.header.initiatorSPI == spi else { return [.discarded(.unknownExchange)] }
        switch (state, message.header.exchange, message.header.messageID) {
        case (.awaitingInit, .saInit, 0): return receiveInit(message, datagram)
        case (.awaitingAuth(let session), .auth, 1):
            guard message.header.responderSPI == session.responderSPI else { return [.discarded(.unknownExchange)] }
            return receiveAuth(message, session)
        case (.finished, _, _): return [.discarded(.finished)]
        default: return [.discarded(.unexpectedMessage)]
        }
    }
}

// MARK: - Responses

extension Initiator {
    private mutating func receiveInit(_ message: IKEMessage, _ datagram: [UInt8]) -> [KeyExchangeOutput] {
        if let error = message.error { return fail(KeyExchangeFailure(error, in: .saInit)) }
        guard let answer = message.proposals else { return [.discarded(.missingPayload(.securityAssociation))] }
        guard let group = message.keyExchangeGroup else { return [.discarded(.missingPayload(.keyExchange))] }
        guard let responderNonce = message.nonce else { return [.discarded(.missingPayload(.nonce))] }
        let responderSPI = message.header.responderSPI
        guard Negotiation.accepted(answer, offer: .ike(connection.policy)) != nil, group == connection.policy.dhGroup.number,
            responderSPI != .none
        else { return fail(.invalidResponse(.saInit)) }

        let secrets = ExchangeSecrets(
            preSharedKey: connection.preSharedKey, initiatorNonce: nonce, responderNonce: responderNonce, initiatorSPI: spi,
            responderSPI: responderSPI)
        let identity = IKEIdentity(connection.localAddress)
        // What was sent last is this exchange's IKE_SA_INIT request.
        let proof = secrets.proof(of: .initiator, message: request, identity: identity)
        state = .awaitingAuth(Authenticating(responderSPI: responderSPI, secrets: secrets, initResponse: datagram))
        repetitions = 0
        return cancelTimer()
            + send(
                header(.auth, messageID: 1, responderSPI: responderSPI),
                [
                    .initiatorIdentity(identity),
                    .responderIdentity(IKEIdentity(connection.remoteAddress)),
                    .authentication(.sharedKey, proof: proof),
                    .securityAssociation([.esp(connection.policy, inbound: inboundSPI)]),
                    .initiatorTrafficSelectors(connection.localTrafficSelectors),
                    .responderTrafficSelectors(connection.remoteTrafficSelectors),
                    .notify(IKENotification(.initialContact)),
                    .notify(.pfsGroup(of: connection.policy)),
                ])
    }

    private mutating func receiveAuth(_ message: IKEMessage, _ session: Authenticating) -> [KeyExchangeOutput] {
        if let error = message.error, error.kind == .authenticationFailed { return fail(.authenticationFailed) }
        // The responder proves itself first, also where it then refuses the child SA.
        guard let identity = message.responderIdentity else { return [.discarded(.missingPayload(.responderIdentity))] }
        guard let proof = message.sharedKeyProof else { return [.discarded(.missingPayload(.authentication))] }
        let expected = session.secrets.proof(of: .responder, message: session.initResponse, identity: identity)
        guard identity == IKEIdentity(connection.remoteAddress),
            areEqualInConstantTime(proof, expected)
        else { return fail(.authenticationFailed) }
        if let error = message.error { return fail(KeyExchangeFailure(error, in: .auth)) }

        guard let answer = message.proposals else { return [.discarded(.missingPayload(.securityAssociation))] }
        guard let choice = Negotiation.accepted(answer, offer: .esp(connection.policy, inbound: inboundSPI)),
            let outboundSPI = ChildSPI(bytes: choice.spi),
            Set(message.initiatorTrafficSelectors ?? []) == Set(connection.localTrafficSelectors),
            Set(message.responderTrafficSelectors ?? []) == Set(connection.remoteTrafficSelectors)
        else { return fail(.invalidResponse(.auth)) }
        let keys = session.secrets.childKeys(for: connection.policy)
        let child = NegotiatedChild(
            connection: connection, initiatorSPI: spi, responderSPI: session.responderSPI,
            inbound: .init(spi: inboundSPI, keys: keys.responderToInitiator),
            outbound: .init(spi: outboundSPI, keys: keys.initiatorToResponder),
            pfs: PFSGroups(local: connection.policy.pfsGroupNumber, remote: message.pfsGroup))
        secrets = session.secrets
        return finish([.completed(child)])
    }
}

// MARK: - Sending and ending

extension Initiator {
    private func header(_ exchange: IKEHeader.Exchange, messageID: UInt32, responderSPI: IKESPI) -> IKEHeader {
        IKEHeader(
            initiatorSPI: spi, responderSPI: responderSPI, exchange: exchange, isFromInitiator: true, isResponse: false,
            messageID: messageID)
    }

    private mutating func send(_ header: IKEHeader, _ payloads: [IKEPayload]) -> [KeyExchangeOutput] {
        do throws(IKEEncodingError) {
            request = try IKEMessage(header: header, payloads: payloads).encoded()
        } catch {
            return fail(.unencodable(error))
        }
        return [.send(request), startTimer()]
    }

    private mutating func startTimer() -> KeyExchangeOutput {
        timersStarted += 1
        let timer = RetransmissionTimer(generation: timersStarted)
        self.timer = timer
        return .startTimer(timer, after: retransmission.wait(afterRepetitions: repetitions))
    }

    private mutating func cancelTimer() -> [KeyExchangeOutput] {
        defer { timer = nil }
        return timer.map { [.cancelTimer($0)] } ?? []
    }

    private mutating func fail(_ failure: KeyExchangeFailure) -> [KeyExchangeOutput] {
        finish([.failed(connection: connection.name, failure)])
    }

    private mutating func finish(_ outputs: [KeyExchangeOutput]) -> [KeyExchangeOutput] {
        state = .finished
        return cancelTimer() + outputs
    }
}

extension KeyExchangeFailure {
    init(_ error: IKENotification, in exchange: IKEHeader.Exchange) {
        switch error.kind {
        case .noProposalChosen: self = .noProposalChosen(exchange)
        case .authenticationFailed: self = .authenticationFailed
        case .trafficSelectorsUnacceptable: self = .trafficSelectorsUnacceptable
        default: self = .refused(notification: error.kind.rawValue)
        }
    }
}
