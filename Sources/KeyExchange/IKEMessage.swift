/// A message of an emulated key exchange: IKEv2's own format (RFC 7296 §3), unencrypted.
///
///     header (28 bytes) | payload | payload | …        payload = next type, flags, length (4 bytes) | body
///
/// IKE_AUTH and what follows in a real IKE SA is inside an encrypted payload, 30 to 60 bytes larger.
public struct IKEMessage: Sendable, Hashable {
    public var header: IKEHeader
    public var payloads: [IKEPayload]

    public init(header: IKEHeader, payloads: [IKEPayload]) {
        self.header = header
        self.payloads = payloads
    }

    /// The UDP port of both ends.
    public static let port: UInt16 = 500

    /// - Parameter bytes: a whole datagram.
    /// - Throws: for whatever is not entirely well formed. Reserved bits are not looked at, as the standard has it.
    public init(decoding bytes: [UInt8]) throws(IKEDecodingError) {
        var reader = ByteReader(bytes[...])
        let first: PayloadType
        (header, first) = try IKEHeader.decode(&reader, datagramSize: bytes.count)
        payloads = []
        var next = first
        while next != .none {
            let (payload, type) = try IKEPayload.decode(next, from: &reader)
            payloads.append(payload)
            next = type
        }
        try reader.end(of: .header)
    }

    public func encoded() throws(IKEEncodingError) -> [UInt8] {
        var body: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            body += try payload.encoded(next: index + 1 < payloads.count ? payloads[index + 1].type : .none)
        }
        let size = IKEHeader.size + body.count
        guard let length = UInt32(exactly: size) else { throw .tooManyBytes(.header, size) }
        return header.encoded(firstPayload: payloads.first?.type ?? .none, length: length) + body
    }
}

// MARK: - The payloads that the lab's exchanges have once each

extension IKEMessage {
    var proposals: [Proposal]? { first { if case .securityAssociation(let proposals) = $0 { proposals } else { nil } } }
    var nonce: [UInt8]? { first { if case .nonce(let nonce) = $0 { nonce } else { nil } } }
    var keyExchangeGroup: UInt16? { first { if case .keyExchange(let group, _) = $0 { group } else { nil } } }
    var initiatorIdentity: IKEIdentity? { first { if case .initiatorIdentity(let identity) = $0 { identity } else { nil } } }
    var responderIdentity: IKEIdentity? { first { if case .responderIdentity(let identity) = $0 { identity } else { nil } } }
    var initiatorTrafficSelectors: [TrafficSelector]? {
        first { if case .initiatorTrafficSelectors(let selectors) = $0 { selectors } else { nil } }
    }
    var responderTrafficSelectors: [TrafficSelector]? {
        first { if case .responderTrafficSelectors(let selectors) = $0 { selectors } else { nil } }
    }
    /// Of the method that the lab has, a pre-shared key's.
    var sharedKeyProof: [UInt8]? { first { if case .authentication(.sharedKey, let proof) = $0 { proof } else { nil } } }
    var error: IKENotification? {
        first { if case .notify(let notification) = $0, notification.kind.isError { notification } else { nil } }
    }

    var deletions: [Deletion] { payloads.compactMap { if case .delete(let deletion) = $0 { deletion } else { nil } } }

    func notification(_ kind: IKENotification.Kind) -> IKENotification? {
        first { if case .notify(let notification) = $0, notification.kind == kind { notification } else { nil } }
    }

    private func first<Value>(_ value: (IKEPayload) -> Value?) -> Value? { payloads.lazy.compactMap(value).first }
}
