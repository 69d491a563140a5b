import Hashing

/// One exchange as its responder sees it.
struct AnsweringExchange: Sendable {
    /// As they were on the wire.
    let initRequest: [UInt8]
    let initResponse: [UInt8]
    /// What the first request leads to; a repetition leads to the response alone.
    let initOutputs: [KeyExchangeOutput]

    private let connection: ConnectionEnd
    private let initiatorSPI: IKESPI
    private let responderSPI: IKESPI
    private let inboundSPI: ChildSPI
    private let initiatorNonce: [UInt8]
    private let responderNonce: [UInt8]
    private var state: State
    /// Of a completed exchange, for what follows in its IKE SA.
    private(set) var secrets: ExchangeSecrets?

    private enum State {
        case awaitingAuth
        case answered(request: [UInt8], response: [UInt8])
        /// IKE_SA_INIT was refused.
        case refused
    }

    /// No exchange begins; this is all that comes of the request.
    struct Unanswered: Error {
        let output: KeyExchangeOutput
    }

    /// Answers an IKE_SA_INIT request.
    init(
        _ message: IKEMessage, _ datagram: [UInt8], connection: ConnectionEnd, random: inout some RandomSource
    ) throws(Unanswered) {
        guard let offers = message.proposals else { throw Unanswered(output: .discarded(.missingPayload(.securityAssociation))) }
        guard let group = message.keyExchangeGroup else { throw Unanswered(output: .discarded(.missingPayload(.keyExchange))) }
        guard let nonce = message.nonce else { throw Unanswered(output: .discarded(.missingPayload(.nonce))) }
        let policy = connection.policy
        let choice = Negotiation.choice(among: offers, for: .ike, transforms: policy.ikeTransforms)
        let refusal: (IKENotification, KeyExchangeFailure)? =
            if choice == nil {
                (IKENotification(.noProposalChosen), .noProposalChosen(.saInit))
            } else if group != policy.dhGroup.number {
                (
                    IKENotification(.invalidKeyExchange, data: policy.dhGroup.number.bigEndianBytes),
                    .refused(notification: IKENotification.Kind.invalidKeyExchange.rawValue)
                )
            } else {
                nil
            }
        self.connection = connection
        initRequest = datagram
        initiatorSPI = message.header.initiatorSPI
        initiatorNonce = nonce
        responderSPI = refusal == nil ? IKESPI(from: &random) : .none
        responderNonce = random.bytes(IKESizes.nonce)
        let publicValue = random.bytes(policy.dhGroup.publicValueSize)
        inboundSPI = ChildSPI(from: &random)

        let payloads: [IKEPayload] =
            if let refusal {
                [.notify(refusal.0)]
            } else {
                [
                    .securityAssociation(choice.map { [$0] } ?? []),
                    .keyExchange(group: group, publicValue: publicValue),
                    .nonce(responderNonce),
                ]
            }
        let header = IKEHeader(
            initiatorSPI: initiatorSPI, responderSPI: responderSPI, exchange: .saInit, isFromInitiator: false, isResponse: true,
            messageID: 0)
        do throws(IKEEncodingError) {
            initResponse = try IKEMessage(header: header, payloads: payloads).encoded()
        } catch {
            throw Unanswered(output: .failed(connection: connection.name, .unencodable(error)))
        }
        initOutputs = [.send(initResponse)] + (refusal.map { [.failed(connection: connection.name, $0.1)] } ?? [])
        state = refusal == nil ? .awaitingAuth : .refused
    }

    /// Whether IKE_SA_INIT was refused.
    var isRefused: Bool { if case .refused = state { true } else { false } }

    func isNamed(by header: IKEHeader) -> Bool {
        !isRefused && header.initiatorSPI == initiatorSPI && header.responderSPI == responderSPI
    }

    /// Answers an IKE_AUTH request.
    mutating func receiveAuth(_ message: IKEMessage, _ datagram: [UInt8]) -> [KeyExchangeOutput] {
        if case .answered(let request, let response) = state {
            return request == datagram ? [.send(response)] : [.discarded(.conflictingRequest)]
        }
        guard let identity = message.initiatorIdentity else { return [.discarded(.missingPayload(.initiatorIdentity))] }
        guard let proof = message.sharedKeyProof else { return [.discarded(.missingPayload(.authentication))] }
        guard let offers = message.proposals else { return [.discarded(.missingPayload(.securityAssociation))] }
        guard let initiatorSelectors = message.initiatorTrafficSelectors else {
            return [.discarded(.missingPayload(.initiatorTrafficSelectors))]
        }
        guard let responderSelectors = message.responderTrafficSelectors else {
            return [.discarded(.missingPayload(.responderTrafficSelectors))]
        }

        let secrets = ExchangeSecrets(
            preSharedKey: connection.preSharedKey, initiatorNonce: initiatorNonce, responderNonce: responderNonce,
            initiatorSPI: initiatorSPI, responderSPI: responderSPI)
        let expected = secrets.proof(of: .initiator, message: initRequest, identity: identity)
        let ownIdentity = IKEIdentity(connection.localAddress)
        guard identity == IKEIdentity(connection.remoteAddress), message.responderIdentity ?? ownIdentity == ownIdentity,
            areEqualInConstantTime(proof, expected)
        else { return answer(datagram, [.notify(IKENotification(.authenticationFailed))], .authenticationFailed) }

        // The IKE SA would stand without the child SA (RFC 7296 §1.2), so this end proves itself also where it refuses.
        let ownProof = secrets.proof(of: .responder, message: initResponse, identity: ownIdentity)
        let authentication: [IKEPayload] = [.responderIdentity(ownIdentity), .authentication(.sharedKey, proof: ownProof)]
        guard let choice = Negotiation.choice(among: offers, for: .esp, transforms: connection.policy.childTransforms),
            let outboundSPI = ChildSPI(bytes: choice.spi)
        else { return answer(datagram, authentication + [.notify(IKENotification(.noProposalChosen))], .noProposalChosen(.auth)) }
        guard Set(initiatorSelectors) == Set(connection.remoteTrafficSelectors),
            Set(responderSelectors) == Set(connection.localTrafficSelectors)
        else {
            let refusal = IKEPayload.notify(IKENotification(.trafficSelectorsUnacceptable))
            return answer(datagram, authentication + [refusal], .trafficSelectorsUnacceptable)
        }

        var ownChoice = choice
        ownChoice.spi = inboundSPI.rawValue.bigEndianBytes
        let payloads: [IKEPayload] =
            authentication + [
                .securityAssociation([ownChoice]),
                .initiatorTrafficSelectors(initiatorSelectors),
                .responderTrafficSelectors(responderSelectors),
                .notify(.pfsGroup(of: connection.policy)),
            ]
        let keys = secrets.childKeys(for: connection.policy)
        let child = NegotiatedChild(
            connection: connection, initiatorSPI: initiatorSPI, responderSPI: responderSPI,
            inbound: .init(spi: inboundSPI, keys: keys.initiatorToResponder),
            outbound: .init(spi: outboundSPI, keys: keys.responderToInitiator),
            pfs: PFSGroups(local: connection.policy.pfsGroupNumber, remote: message.pfsGroup))
        return answer(datagram, payloads, completed: (child, secrets))
    }

    private mutating func answer(
        _ request: [UInt8], _ payloads: [IKEPayload], _ failure: KeyExchangeFailure? = nil,
        completed: (child: NegotiatedChild, secrets: ExchangeSecrets)? = nil
    ) -> [KeyExchangeOutput] {
        let header = IKEHeader(
            initiatorSPI: initiatorSPI, responderSPI: responderSPI, exchange: .auth, isFromInitiator: false, isResponse: true, messageID: 1)
        do throws(IKEEncodingError) {
            let response = try IKEMessage(header: header, payloads: payloads).encoded()
            state = .answered(request: request, response: response)
            secrets = completed?.secrets
            return (completed.map { [.completed($0.child)] } ?? []) + [.send(response)]
                + (failure.map { [.failed(connection: connection.name, $0)] } ?? [])
        } catch {
            return [.failed(connection: connection.name, .unencodable(error))]
        }
    }
}
