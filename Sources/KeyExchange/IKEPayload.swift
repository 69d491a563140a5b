/// A payload (RFC 7296 §3.2 and following).
public enum IKEPayload: Sendable, Hashable {
    case securityAssociation([Proposal])
    /// The Diffie-Hellman group's number and the sender's public value.
    case keyExchange(group: UInt16, publicValue: [UInt8])
    case initiatorIdentity(IKEIdentity)
    case responderIdentity(IKEIdentity)
    case authentication(AuthenticationMethod, proof: [UInt8])
    /// 16 to 256 bytes.
    case nonce([UInt8])
    case notify(IKENotification)
    case delete(Deletion)
    case initiatorTrafficSelectors([TrafficSelector])
    case responderTrafficSelectors([TrafficSelector])
    /// Of a type that the lab does not use; not critical, so it is passed over.
    case unrecognized(PayloadType, body: [UInt8])

    /// RFC 7296 §3.8.
    public struct AuthenticationMethod: RawRepresentable, Sendable, Hashable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Shared Key Message Integrity Code.
        public static let sharedKey = AuthenticationMethod(rawValue: 2)
    }

    /// RFC 7296 §3.9, in bytes.
    public static let nonceSizes = 16...256

    public var type: PayloadType {
        switch self {
        case .securityAssociation: .securityAssociation
        case .keyExchange: .keyExchange
        case .initiatorIdentity: .initiatorIdentity
        case .responderIdentity: .responderIdentity
        case .authentication: .authentication
        case .nonce: .nonce
        case .notify: .notify
        case .delete: .delete
        case .initiatorTrafficSelectors: .initiatorTrafficSelectors
        case .responderTrafficSelectors: .responderTrafficSelectors
        case .unrecognized(let type, _): type
        }
    }
}

extension IKEPayload {
    /// The generic payload header: next payload, critical flag, length in 16 bits.
    static let headerSize = 4
    private static let criticalFlag: UInt8 = 0x80

    /// - Returns: the payload, and the type of the one after it.
    static func decode(_ type: PayloadType, from reader: inout ByteReader) throws(IKEDecodingError) -> (IKEPayload, PayloadType) {
        // Its next-payload field names what is inside, and nothing behind it can be found.
        guard type != .encrypted else { throw .encryptedPayload }
        let element = IKEElement.payload(type)
        var body = try reader.structure(lengthOffset: 2, headerSize: headerSize, of: element)
        let next = PayloadType(rawValue: try body.integer(UInt8.self, of: element))
        let isCritical = try body.integer(UInt8.self, of: element) & criticalFlag != 0
        _ = try body.bytes(2, of: element)  // length
        let payload = try decodeBody(type, &body, isCritical: isCritical)
        try body.end(of: element)
        return (payload, next)
    }

    private static func decodeBody(
        _ type: PayloadType, _ body: inout ByteReader, isCritical: Bool
    ) throws(IKEDecodingError) -> IKEPayload {
        let element = IKEElement.payload(type)
        switch type {
        case .securityAssociation: return .securityAssociation(try Proposal.decodeList(&body))
        case .keyExchange:
            let group = try body.integer(UInt16.self, of: element)
            _ = try body.bytes(2, of: element)  // reserved
            let publicValue = body.takeRest()
            guard !publicValue.isEmpty else { throw .badLength(element, 0) }
            return .keyExchange(group: group, publicValue: publicValue)
        case .initiatorIdentity: return .initiatorIdentity(try .decode(&body, in: type))
        case .responderIdentity: return .responderIdentity(try .decode(&body, in: type))
        case .authentication:
            let method = AuthenticationMethod(rawValue: try body.integer(UInt8.self, of: element))
            _ = try body.bytes(3, of: element)  // reserved
            let proof = body.takeRest()
            guard !proof.isEmpty else { throw .badLength(element, 0) }
            return .authentication(method, proof: proof)
        case .nonce:
            let nonce = body.takeRest()
            guard nonceSizes.contains(nonce.count) else { throw .badLength(element, nonce.count) }
            return .nonce(nonce)
        case .notify: return .notify(try .decode(&body))
        case .delete: return .delete(try .decode(&body))
        case .initiatorTrafficSelectors: return .initiatorTrafficSelectors(try TrafficSelector.decodeList(&body, in: type))
        case .responderTrafficSelectors: return .responderTrafficSelectors(try TrafficSelector.decodeList(&body, in: type))
        default:
            guard !isCritical || type.isOfTheBaseStandard else { throw .unknownCriticalPayload(type) }
            return .unrecognized(type, body: body.takeRest())
        }
    }

    /// With its generic header. The critical flag stays clear: it is for extensions (RFC 7296 §3.2).
    func encoded(next: PayloadType) throws(IKEEncodingError) -> [UInt8] {
        let body = try encodedBody()
        guard let length = UInt16(exactly: Self.headerSize + body.count) else { throw .tooManyBytes(.payload(type), body.count) }
        return [next.rawValue, 0] + length.bigEndianBytes + body
    }

    private func encodedBody() throws(IKEEncodingError) -> [UInt8] {
        switch self {
        case .securityAssociation(let proposals): try Proposal.encode(proposals)
        case .keyExchange(let group, let publicValue): group.bigEndianBytes + [0, 0] + publicValue
        case .initiatorIdentity(let identity), .responderIdentity(let identity): identity.encoded
        case .authentication(let method, let proof): [method.rawValue, 0, 0, 0] + proof
        case .nonce(let nonce): nonce
        case .notify(let notification): notification.encoded
        case .delete(let deletion): try deletion.encoded()
        case .initiatorTrafficSelectors(let selectors), .responderTrafficSelectors(let selectors):
            try TrafficSelector.encode(selectors, in: type)
        case .unrecognized(_, let body): body
        }
    }
}
