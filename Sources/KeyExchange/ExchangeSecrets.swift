import LabPlan

/// What both ends derive after IKE_SA_INIT, and prove to each other in IKE_AUTH.
///
/// As in RFC 7296 §2.14 to §2.17, but without Diffie-Hellman: the pre-shared key stands where the RFC has g^ir.
///
///     SKEYSEED             = prf(Ni | Nr, pre-shared key)
///     SK_d | SK_pi | SK_pr = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
///     AUTH of an end       = prf(prf(pre-shared key, "Key Pad for IKEv2"), its IKE_SA_INIT message | the peer's nonce | prf(SK_p, its identity))
///     KEYMAT               = prf+(SK_d, Ni | Nr)
///     KEYMAT of a rekeying = prf+(SK_d, its Ni | its Nr), or prf+(SK_d, pre-shared key | its Ni | its Nr) with perfect forward secrecy
struct ExchangeSecrets: Sendable {
    enum Role: Sendable {
        case initiator
        case responder
    }

    private let preSharedKey: PreSharedKey
    private let initiatorNonce: [UInt8]
    private let responderNonce: [UInt8]
    private let derivation: KeyMaterial
    private let initiatorProof: KeyMaterial
    private let responderProof: KeyMaterial

    init(preSharedKey: PreSharedKey, initiatorNonce: [UInt8], responderNonce: [UInt8], initiatorSPI: IKESPI, responderSPI: IKESPI) {
        self.preSharedKey = preSharedKey
        self.initiatorNonce = initiatorNonce
        self.responderNonce = responderNonce
        let nonces = initiatorNonce + responderNonce
        let seed = PseudoRandomFunction.value(key: nonces, preSharedKey.secret)
        let spis = initiatorSPI.rawValue.bigEndianBytes + responderSPI.rawValue.bigEndianBytes
        let keys = PseudoRandomFunction.stream(key: seed, seed: nonces + spis, count: 96)
        derivation = KeyMaterial(secretBytes: keys[0..<32])
        initiatorProof = KeyMaterial(secretBytes: keys[32..<64])
        responderProof = KeyMaterial(secretBytes: keys[64..<96])
    }

    /// The AUTH payload's content.
    ///
    /// - Parameters:
    ///   - message: the role's own IKE_SA_INIT message, as it was on the wire.
    ///   - identity: the role's own.
    func proof(of role: Role, message: [UInt8], identity: IKEIdentity) -> [UInt8] {
        let peerNonce = role == .initiator ? responderNonce : initiatorNonce
        let key = role == .initiator ? initiatorProof : responderProof
        let padded = PseudoRandomFunction.value(key: preSharedKey.secret, Array("Key Pad for IKEv2".utf8))
        let maskedIdentity = PseudoRandomFunction.value(key: key.secretBytes, identity.encoded)
        return PseudoRandomFunction.value(key: padded, message + peerNonce + maskedIdentity)
    }

    func childKeys(for policy: IPsecPolicy) -> ChildKeys {
        ChildKeys(policy: policy) {
            PseudoRandomFunction.stream(key: derivation.secretBytes, seed: initiatorNonce + responderNonce, count: $0)
        }
    }

    /// The keys of a pair that a CREATE_CHILD_SA exchange has agreed on. Its initiator may be either end.
    func rekeyedChildKeys(for policy: IPsecPolicy, initiatorNonce: [UInt8], responderNonce: [UInt8]) -> ChildKeys {
        let shared = policy.pfsGroupNumber == 0 ? [] : preSharedKey.secret
        return ChildKeys(policy: policy) {
            PseudoRandomFunction.stream(key: derivation.secretBytes, seed: shared + initiatorNonce + responderNonce, count: $0)
        }
    }
}
