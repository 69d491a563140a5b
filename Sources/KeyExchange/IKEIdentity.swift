import Addressing

/// Who an end says it is (RFC 7296 §3.5): in the lab the tunnel's address at this end.
public struct IKEIdentity: Sendable, Hashable {
    /// ID_IPV4_ADDR 1, ID_IPV6_ADDR 5, and others that the lab carries but does not use.
    public var type: UInt8
    public var data: [UInt8]

    public init(type: UInt8, data: [UInt8]) {
        self.type = type
        self.data = data
    }

    public init(_ address: IPAddress) {
        self.init(type: address.family == .v4 ? 1 : 5, data: address.bytes)
    }
}

extension IKEIdentity {
    static func decode(_ reader: inout ByteReader, in type: PayloadType) throws(IKEDecodingError) -> IKEIdentity {
        let idType = try reader.integer(UInt8.self, of: .payload(type))
        _ = try reader.bytes(3, of: .payload(type))  // reserved
        let data = reader.takeRest()
        guard !data.isEmpty else { throw .badLength(.payload(type), 0) }
        return IKEIdentity(type: idType, data: data)
    }

    /// The payload's body, as it is sent and as it is authenticated (RFC 7296 §2.15, "RestOfInitIDPayload").
    var encoded: [UInt8] { [type, 0, 0, 0] + data }
}
