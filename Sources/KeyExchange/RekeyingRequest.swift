import LabPlan

/// The rekeying of a pair of ESP SAs (RFC 7296 §1.3.3, §2.8), as the end that asks for it keeps it until the answer.
///
///     CREATE_CHILD_SA   N(REKEY_SA), SA, Ni, [KE], TSi, TSr       ──>
///                                                                 <──   SA, Nr, [KE], TSi, TSr
///     INFORMATIONAL     D(the replaced pair)                      ──>
///                                                                 <──   D
///
/// KE is there with perfect forward secrecy, and random bytes as in IKE_SA_INIT. A real exchange is inside an encrypted payload, 30 to 60
/// bytes larger.
struct RekeyingRequest: Sendable {
    /// The inbound SPI of the pair to be replaced.
    let replaced: ChildSPI
    let nonce: [UInt8]
    let inboundSPI: ChildSPI
    let payloads: [IKEPayload]

    init(replacing replaced: ChildSPI, of connection: ConnectionEnd, random: inout some RandomSource) {
        self.replaced = replaced
        nonce = random.bytes(IKESizes.nonce)
        inboundSPI = ChildSPI(from: &random)
        payloads =
            [
                .notify(.rekeying(replaced)),
                .securityAssociation([.rekeyedESP(connection.policy, inbound: inboundSPI)]),
                .nonce(nonce),
            ] + Self.keyExchange(connection.policy, &random) + [
                .initiatorTrafficSelectors(connection.localTrafficSelectors),
                .responderTrafficSelectors(connection.remoteTrafficSelectors),
            ]
    }

    /// The new pair by the peer's answer.
    func child(by answer: IKEMessage, of session: IKESession) throws(KeyExchangeFailure) -> NegotiatedChild {
        if let error = answer.error { throw KeyExchangeFailure(error, in: .createChildSA) }
        let connection = session.current.connection
        let policy = connection.policy
        guard let proposals = answer.proposals, let responderNonce = answer.nonce,
            let choice = Negotiation.accepted(proposals, offer: .rekeyedESP(policy, inbound: inboundSPI)),
            let outboundSPI = ChildSPI(bytes: choice.spi), answer.keyExchangeGroup ?? 0 == policy.pfsGroupNumber,
            Set(answer.initiatorTrafficSelectors ?? []) == Set(connection.localTrafficSelectors),
            Set(answer.responderTrafficSelectors ?? []) == Set(connection.remoteTrafficSelectors)
        else { throw .invalidResponse(.createChildSA) }
        let keys = session.secrets.rekeyedChildKeys(for: policy, initiatorNonce: nonce, responderNonce: responderNonce)
        return NegotiatedChild(
            rekeying: session.current,
            inbound: .init(spi: inboundSPI, keys: keys.responderToInitiator),
            outbound: .init(spi: outboundSPI, keys: keys.initiatorToResponder))
    }

    /// The new pair and the answer's payloads, or the refusal to send, as the end that is asked has it.
    static func answer(
        _ message: IKEMessage, of session: IKESession, random: inout some RandomSource
    ) -> Result<(child: NegotiatedChild, payloads: [IKEPayload]), Refusal> {
        let connection = session.current.connection
        let policy = connection.policy
        guard let offers = message.proposals, let nonce = message.nonce,
            let choice = Negotiation.choice(among: offers, for: .esp, transforms: policy.rekeyTransforms),
            let outboundSPI = ChildSPI(bytes: choice.spi)
        else { return .failure(Refusal(notification: IKENotification(.noProposalChosen))) }
        guard message.keyExchangeGroup ?? 0 == policy.pfsGroupNumber else {
            let data = policy.pfsGroupNumber.bigEndianBytes
            return .failure(Refusal(notification: IKENotification(.invalidKeyExchange, data: data)))
        }
        guard let initiatorSelectors = message.initiatorTrafficSelectors, let responderSelectors = message.responderTrafficSelectors,
            Set(initiatorSelectors) == Set(connection.remoteTrafficSelectors),
            Set(responderSelectors) == Set(connection.localTrafficSelectors)
        else { return .failure(Refusal(notification: IKENotification(.trafficSelectorsUnacceptable))) }

        let responderNonce = random.bytes(IKESizes.nonce)
        let inboundSPI = ChildSPI(from: &random)
        var ownChoice = choice
        ownChoice.spi = inboundSPI.rawValue.bigEndianBytes
        let payloads: [IKEPayload] =
            [.securityAssociation([ownChoice]), .nonce(responderNonce)] + keyExchange(policy, &random) + [
                .initiatorTrafficSelectors(initiatorSelectors), .responderTrafficSelectors(responderSelectors),
            ]
        let keys = session.secrets.rekeyedChildKeys(for: policy, initiatorNonce: nonce, responderNonce: responderNonce)
        let child = NegotiatedChild(
            rekeying: session.current,
            inbound: .init(spi: inboundSPI, keys: keys.initiatorToResponder),
            outbound: .init(spi: outboundSPI, keys: keys.responderToInitiator))
        return .success((child, payloads))
    }

    struct Refusal: Error {
        let notification: IKENotification
    }

    private static func keyExchange(_ policy: IPsecPolicy, _ random: inout some RandomSource) -> [IKEPayload] {
        let group = policy.pfsGroupNumber
        return group == 0 ? [] : [.keyExchange(group: group, publicValue: random.bytes(policy.pfsPublicValueSize))]
    }
}

extension NegotiatedChild {
    /// Of the same IKE SA.
    init(rekeying child: NegotiatedChild, inbound: Direction, outbound: Direction) {
        self.init(
            connection: child.connection, initiatorSPI: child.initiatorSPI, responderSPI: child.responderSPI, inbound: inbound,
            outbound: outbound, pfs: child.pfs)
    }
}
