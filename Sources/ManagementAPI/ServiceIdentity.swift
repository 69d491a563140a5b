import LabPlan

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who the service says it is.
public struct ServiceIdentity: Sendable, Equatable {
    /// GUIDs.
    public var subscription: String
    public var tenant: String
    public var location: String
    /// Where clients find it: `https://127.0.0.1:8443`, without a slash at the end.
    public var endpoint: String

    public init(
        subscription: String = "00000000-0000-0000-0000-000000000001", tenant: String = "00000000-0000-0000-0000-0000000000ff",
        location: String = "lab", endpoint: String
    ) {
        self.subscription = subscription
        self.tenant = tenant
        self.location = location
        self.endpoint = endpoint
    }
}

/// The one token that a running server takes: of three parts, as clients take a token apart to show who is signed in; what makes it a secret is
/// the last one.
public struct AccessToken: Sendable {
    public let text: String
    public let expiresAt: Int

    /// - Parameter secret: random bytes, 32 at least.
    public init(secret: [UInt8], identity: ServiceIdentity, now: Date = Date(), lifetime: Int = 86_400 * 30) {
        expiresAt = Int(now.timeIntervalSince1970) + lifetime
        let header: JSONValue = ["alg": "none", "typ": "JWT"]
        let payload: JSONValue = [
            "aud": "https://management.core.windows.net/", "iss": .string("resetlab"), "tid": .string(identity.tenant),
            "oid": "00000000-0000-0000-0000-0000000000aa", "sub": "resetlab", "exp": .integer(Int64(expiresAt)),
        ]
        text = [header.bytes, payload.bytes, secret].map(Self.base64URL).joined(separator: ".")
    }

    /// Whether the header `Authorization` carries it. Takes the same time wherever two texts of one length differ.
    func isIn(_ header: String?) -> Bool {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return false }
        return isSameSecret(header.dropFirst(7).utf8, text.utf8)
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
